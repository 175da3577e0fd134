// Nextcloud's WebDAV as far as clients that keep files notice it, after what its documentation and its
// `apps/dav` (QuotaPlugin, ChunkingPlugin, ChunkingV2Plugin, ChecksumUpdatePlugin) say and do.
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Blind,
  entryOf,
  Failure,
  refuse,
  sayMultistatus,
  sayPage,
  type Exchange,
} from "./nextcloud-answers.ts";
import { decodedNames, NextcloudDisk } from "./nextcloud-disk.ts";
import { NextcloudFiles, type Appearance } from "./nextcloud-files.ts";
import { NextcloudUploads } from "./nextcloud-uploads.ts";

export interface NextcloudOptions {
  /** Bytes that the user may have; a negative number as Nextcloud has it. */
  readonly quota?: number;
  /** How long chunks are being put together. */
  readonly assemblyMs?: number;
  /** A proxy in front gives up waiting for the answer to a MOVE after so long. */
  readonly proxyMs?: number;
  /** A proxy in front takes no body of more bytes. */
  readonly proxyBytes?: number;
  /** How far its clock is ahead. */
  readonly aheadMs?: number;
  /** `D:` and whole URLs in answers, as others have them. */
  readonly isOdd?: boolean;
  /** Drops no uploads, however old. */
  readonly isForgetful?: boolean;
  /** Takes no uploads in chunks, as Infinite Scale. */
  readonly hasNoChunks?: boolean;
}

/** What a request is answered with instead. */
export interface Fault {
  readonly method: string;
  /** What the path holds. */
  readonly path?: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Does what is asked before it answers so. */
  readonly isDone?: boolean;
}

export class NextcloudServer {
  /** What people sign in with; the id in paths is another. */
  readonly user = "anna.müller@example.org";
  readonly password = `p a%ss"w'örd$#\\1`;
  readonly userId = "anna müller";
  /** `METHOD path` of each request. */
  readonly log: string[] = [];
  /** Each holds once, in this order. */
  readonly faults: Fault[] = [];
  options: NextcloudOptions;
  readonly #root: string;
  readonly #server: Server;
  readonly #disk: NextcloudDisk;
  readonly #files: NextcloudFiles;
  readonly #uploads: NextcloudUploads;

  private constructor(root: string, options: NextcloudOptions) {
    this.#root = root;
    this.options = options;
    this.#disk = new NextcloudDisk(root, options.quota ?? -3);
    this.#files = new NextcloudFiles(this.#disk);
    this.#uploads = new NextcloudUploads(this.#disk);
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
    this.#server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
      void this.#serve(request, response);
    });
  }

  static async start(options: NextcloudOptions = {}): Promise<NextcloudServer> {
    const root = await mkdtemp(join(tmpdir(), "safehouse-nextcloud-"));
    const server = new NextcloudServer(root, options);
    for (const folder of ["files", "uploads"]) await mkdir(join(root, folder));
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }

  get origin(): string {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("no port");
    return `http://127.0.0.1:${address.port}`;
  }

  /** Address of a folder of the user, which is made. */
  async folder(name: string): Promise<string> {
    await mkdir(join(this.#disk.files, name), { recursive: true });
    const names = [this.userId, name].map(encodeURIComponent);
    return `${this.origin}/remote.php/dav/files/${names.join("/")}`;
  }

  /** Breaks every connection, as a router does that starts anew. */
  breakConnections(): void {
    this.#server.closeAllConnections();
  }

  /** Names of uploads that are not finished. */
  async uploads(): Promise<readonly string[]> {
    return readdir(this.#disk.uploads);
  }

  /** As if nobody had touched them for that long. */
  letUploadsAge(milliseconds: number): void {
    this.#uploads.age(milliseconds);
  }

  /** Where a file of the user lies on this machine. */
  storedAt(path: string): string {
    return join(this.#disk.files, path);
  }

  /** Changes what is stored without anybody noticing. */
  async overwriteStored(path: string, bytes: Uint8Array): Promise<void> {
    await writeFile(this.storedAt(path), bytes);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Whoever hangs up has no use for an answer.
    for (const stream of [request, response]) stream.on("error", () => undefined);
    const { pathname } = new URL(request.url ?? "/", this.origin);
    this.log.push(`${request.method} ${pathname}`);
    const { aheadMs = 0, proxyBytes = Infinity } = this.options;
    response.setHeader("date", new Date(Date.now() + aheadMs).toUTCString());
    if (Number(request.headers["content-length"] ?? 0) > proxyBytes) {
      return sayPage(response, 413, "Request Entity Too Large");
    }
    const names = decodedNames(pathname);
    try {
      const fault = this.#takeFault(request, names.join("/"));
      if (fault === undefined) await this.#throughProxy({ request, response }, names);
      else await this.#fail({ request, response }, fault, names);
    } catch (error) {
      if (response.headersSent || response.destroyed) return;
      refuse(response, asFailure(error));
    }
  }

  #takeFault({ method }: IncomingMessage, path: string): Fault | undefined {
    const at = this.faults.findIndex(
      (fault) => fault.method === method && `/${path}`.includes(fault.path ?? ""),
    );
    return at < 0 ? undefined : this.faults.splice(at, 1)[0];
  }

  async #fail(
    { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
    { status, headers, isDone }: Fault,
    names: readonly string[],
  ): Promise<void> {
    if (isDone === true) await this.#answer({ request, response: new Blind() }, names);
    response.writeHead(status, { connection: "close", ...headers }).end();
  }

  async #throughProxy(
    exchange: { readonly request: IncomingMessage; readonly response: ServerResponse },
    names: readonly string[],
  ): Promise<void> {
    const { proxyMs } = this.options;
    // On a machine that is busy it must not come between the rest.
    if (proxyMs === undefined || exchange.request.method !== "MOVE") {
      return this.#answer(exchange, names);
    }
    const timer = setTimeout(() => {
      if (!exchange.response.headersSent) sayPage(exchange.response, 504, "Gateway Time-out");
    }, proxyMs);
    await this.#answer(exchange, names).finally(() => clearTimeout(timer));
  }

  async #answer(exchange: Exchange, names: readonly string[]): Promise<void> {
    const [root, ...rest] = names;
    const { response } = exchange;
    if (root === "status.php") {
      const status = { installed: true, productname: "Annas Wolke", edition: "" };
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(status));
    } else if (root === "remote.php") {
      this.#checkAccount(exchange.request);
      await this.#answerRemote(exchange, rest);
    } else {
      response.writeHead(200, { "content-type": "text/html; charset=UTF-8" }).end("<html>Log in");
    }
  }

  async #answerRemote(exchange: Exchange, names: readonly string[]): Promise<void> {
    const [endpoint, kind, userId, ...rest] = names;
    const files = this.#looks("files");
    if (endpoint === "webdav") return this.#files.answer(exchange, names.slice(1), files);
    if (endpoint === "dav" && kind === undefined) return this.#sayPrincipal(exchange);
    if (endpoint !== "dav" || userId !== this.userId) {
      throw new Failure(404, `Principal with name ${userId} not found`);
    }
    if (kind === "files") return this.#files.answer(exchange, rest, files);
    if (kind !== "uploads" || this.options.hasNoChunks === true) {
      throw new Failure(404, `File not found: ${kind} in 'root'`);
    }
    const { assemblyMs = 0, isForgetful = false } = this.options;
    const looks = { ...this.#looks("uploads"), assemblyMs, isForgetful };
    return this.#uploads.answer(exchange, rest, looks);
  }

  #looks(kind: string): Appearance {
    const { isOdd = false, aheadMs = 0 } = this.options;
    const path = `/remote.php/dav/${kind}/${encodeURIComponent(this.userId)}`;
    return { prefix: isOdd ? this.origin + path : path, isOdd, aheadMs };
  }

  #checkAccount({ headers }: IncomingMessage): void {
    const expected = Buffer.from(`${this.user}:${this.password}`).toString("base64");
    if (headers.authorization === `Basic ${expected}`) return;
    throw new Failure(
      401,
      "No public access to this resource., Username or password was incorrect",
    );
  }

  #sayPrincipal({ request, response }: Exchange): void {
    if (request.method !== "PROPFIND") throw new Failure(405, "Not allowed");
    const path = `/remote.php/dav/principals/users/${encodeURIComponent(this.userId)}/`;
    const principal = ["d:current-user-principal", `<d:href>${path}</d:href>`] as const;
    sayMultistatus(response, entryOf("/remote.php/dav/", [principal]));
  }
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
  return isGone ? new Failure(404, "File not found") : new Failure(500, String(error));
}
