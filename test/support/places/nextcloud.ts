// Nextcloud's WebDAV as far as clients that keep files notice it, after what its documentation and its
// `apps/dav` (QuotaPlugin, ChunkingPlugin, ChunkingV2Plugin, ChecksumUpdatePlugin) say and do.
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";

export interface NextcloudOptions {
  /** Bytes that the user may have; a negative number as Nextcloud has it. */
  readonly quota?: number;
  /** How long chunks are being put together. */
  readonly assemblyMs?: number;
  /** A proxy in front gives up waiting for an answer after so long. */
  readonly proxyMs?: number;
  /** A proxy in front takes no body of more bytes. */
  readonly proxyBytes?: number;
  /** How far its clock is ahead. */
  readonly aheadMs?: number;
  /** `D:` and whole URLs in answers, as others have them. */
  readonly isOdd?: boolean;
  /** Drops no uploads, however old. */
  readonly isForgetful?: boolean;
  /** What takes no uploads in chunks: Infinite Scale. */
  readonly hasNoChunks?: boolean;
}

/** What a request is answered with instead. */
export interface Fault {
  readonly method: string;
  /** What the path holds. */
  readonly path?: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How often; once if not given. */
  times?: number;
  /** Does what is asked before it answers so. */
  readonly isDone?: boolean;
}

interface FileFacts {
  etag: string;
  size: number;
  checksum: string | undefined;
}

class Failure extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const dayMs = 24 * 3_600_000;

export class NextcloudServer {
  /** What people sign in with; the id in paths is another. */
  readonly user = "anna.müller@example.org";
  readonly password = `p a%ss"w'örd$#\\1`;
  readonly userId = "anna müller";
  readonly log: string[] = [];
  readonly faults: Fault[] = [];
  options: NextcloudOptions;
  readonly #root: string;
  readonly #server: Server;
  readonly #files = new Map<string, FileFacts>();
  /** When something was last done in a folder of chunks, and whether it is being put together. */
  readonly #uploads = new Map<string, { touchedAt: number; isBusy: boolean }>();

  private constructor(root: string, options: NextcloudOptions) {
    this.#root = root;
    this.options = options;
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  static async start(options: NextcloudOptions = {}): Promise<NextcloudServer> {
    const root = await mkdtemp(join(tmpdir(), "safehouse-nextcloud-"));
    await mkdir(join(root, "files"));
    await mkdir(join(root, "uploads"));
    const server = new NextcloudServer(root, options);
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#root, { recursive: true, force: true });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Address of a folder of the user, which is made. */
  async folder(name: string): Promise<string> {
    await mkdir(join(this.#root, "files", name), { recursive: true });
    return `${this.origin}/remote.php/dav/files/${encodeURIComponent(this.userId)}/${encodeURIComponent(name)}`;
  }

  /** Breaks every connection, as a router does that starts anew. */
  breakConnections(): void {
    this.#server.closeAllConnections();
  }

  /** Names of uploads that are not finished. */
  async uploads(): Promise<readonly string[]> {
    return readdir(join(this.#root, "uploads"));
  }

  /** As if nobody had touched them for that long. */
  letUploadsAge(milliseconds: number): void {
    for (const upload of this.#uploads.values()) upload.touchedAt -= milliseconds;
  }

  /** Damages what is stored without anybody noticing. */
  async overwriteStored(path: string, bytes: Uint8Array): Promise<void> {
    await writeFile(join(this.#root, "files", path), bytes);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Whoever hangs up has no use for an answer.
    for (const stream of [request, response]) stream.on("error", () => undefined);
    const url = new URL(request.url ?? "/", this.origin);
    this.log.push(`${request.method} ${url.pathname}`);
    response.setHeader("date", new Date(this.#now()).toUTCString());
    try {
      const fault = this.#faultFor(request, url.pathname);
      const { proxyBytes = Infinity } = this.options;
      if (Number(request.headers["content-length"] ?? 0) > proxyBytes) {
        return this.#page(response, 413, "Request Entity Too Large");
      }
      if (fault !== undefined) {
        if (fault.isDone === true) await this.#answer(request, new Blind(), url);
        else if (request.method !== "PUT") request.resume();
        response.writeHead(fault.status, { connection: "close", ...fault.headers }).end(fault.body);
        return;
      }
      await this.#withProxy(response, () => this.#answer(request, response, url));
    } catch (error) {
      if (response.headersSent || response.destroyed) return;
      if (error instanceof Failure) return this.#refuse(response, error);
      if (isCode(error, "ENOENT"))
        return this.#refuse(response, new Failure(404, "File not found"));
      if (isCode(error, "ERR_STREAM_PREMATURE_CLOSE") || isCode(error, "ECONNRESET")) return;
      this.#refuse(response, new Failure(500, String(error)));
    }
  }

  #faultFor({ method }: IncomingMessage, path: string): Fault | undefined {
    const fault = this.faults.find(
      (candidate) =>
        candidate.method === method &&
        decodeURIComponent(path).includes(candidate.path ?? "") &&
        (candidate.times ?? 1) > 0,
    );
    if (fault !== undefined) fault.times = (fault.times ?? 1) - 1;
    return fault;
  }

  async #withProxy(response: ServerResponse, work: () => Promise<void>): Promise<void> {
    const { proxyMs } = this.options;
    if (proxyMs === undefined) return work();
    const timer = setTimeout(() => {
      if (!response.headersSent) this.#page(response, 504, "Gateway Time-out");
    }, proxyMs);
    await work().finally(() => clearTimeout(timer));
  }

  async #answer(request: IncomingMessage, response: Answering, url: URL): Promise<void> {
    const names = url.pathname.split("/").filter(Boolean).map(decodeURIComponent);
    if (names.join("/") === "status.php") {
      const status = {
        installed: true,
        maintenance: false,
        productname: "Annas Wolke",
        edition: "",
      };
      return void response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify(status));
    }
    if (names[0] !== "remote.php") {
      return void response
        .writeHead(200, { "content-type": "text/html; charset=UTF-8" })
        .end("<html>Log in</html>");
    }
    this.#checkAccount(request);
    const [, endpoint, kind, userId, ...rest] = names;
    if (endpoint === "webdav") return this.#userFiles(request, response, names.slice(2));
    if (endpoint !== "dav") throw new Failure(404, "Path not found");
    if (kind === undefined) return this.#principal(request, response);
    if (userId !== this.userId) throw new Failure(404, `Principal with name ${userId} not found`);
    if (kind === "files") return this.#userFiles(request, response, rest);
    if (kind === "uploads" && this.options.hasNoChunks !== true) {
      return this.#chunks(request, response, rest);
    }
    throw new Failure(404, `File not found: ${kind} in 'root'`);
  }

  #checkAccount({ headers }: IncomingMessage): void {
    const [scheme, given = ""] = (headers.authorization ?? "").split(" ");
    const expected = Buffer.from(`${this.user}:${this.password}`).toString("base64");
    if (scheme === "Basic" && given === expected) return;
    throw new Failure(401, "Cannot authenticate over ajax calls");
  }

  #principal(request: IncomingMessage, response: Answering): void {
    if (request.method !== "PROPFIND") throw new Failure(405, "Not allowed");
    const id = encodeURIComponent(this.userId);
    const principal = `<d:href>/remote.php/dav/principals/users/${id}/</d:href>`;
    multistatus(
      response,
      [entry("/remote.php/dav/", [["d:current-user-principal", principal]])].join(""),
    );
  }

  async #userFiles(
    request: IncomingMessage,
    response: Answering,
    names: readonly string[],
  ): Promise<void> {
    for (const name of names) checkName(name);
    const path = join(this.#root, "files", ...names);
    const relative = names.join("/");
    switch (request.method) {
      case "PROPFIND":
        return this.#propfind(request, response, { path, relative });
      case "GET":
      case "HEAD":
        return this.#get(request, response, { path, relative });
      case "PUT":
        return this.#put(request, response, { path, relative });
      case "MKCOL": {
        if (await isThere(path))
          throw new Failure(405, "The resource you tried to create already exists");
        if (!(await isThere(dirname(path)))) throw new Failure(409, "Parent node does not exist");
        await mkdir(path);
        return void response.writeHead(201).end();
      }
      case "DELETE": {
        await stat(path);
        await rm(path, { recursive: true });
        for (const key of this.#files.keys()) {
          if (key === relative || key.startsWith(`${relative}/`)) this.#files.delete(key);
        }
        return void response.writeHead(204).end();
      }
      case "MOVE": {
        await stat(path);
        const target = await this.#destination(request);
        // Unlike with chunks, there is a moment without either.
        await rm(target.path, { recursive: true, force: true });
        await rename(path, target.path);
        this.#files.set(target.relative, this.#facts(relative));
        this.#files.delete(relative);
        return void response.writeHead(target.isThere ? 204 : 201).end();
      }
      case "PATCH": {
        const type = String(request.headers["x-recalculate-hash"] ?? "").toLowerCase();
        if (!["md5", "sha1", "sha256"].includes(type)) throw new Failure(501, "Not implemented");
        const hash = createHash(type);
        await pipeline(createReadStream(path), hash);
        const checksum = `${type.toUpperCase()}:${hash.digest("hex")}`;
        this.#facts(relative).checksum = checksum;
        return void response.writeHead(204, { "oc-checksum": checksum }).end();
      }
      default:
        throw new Failure(405, `No ${request.method} here`);
    }
  }

  async #chunks(
    request: IncomingMessage,
    response: Answering,
    [upload, chunk, ...rest]: readonly string[],
  ): Promise<void> {
    this.#expire();
    const folder = join(this.#root, "uploads");
    const path = join(folder, upload ?? "");
    if (upload === undefined && request.method === "PROPFIND") {
      const relative = "";
      return this.#propfind(request, response, { path: folder, relative, isUpload: true });
    }
    if (upload === undefined || rest.length > 0) throw new Failure(405, "Not allowed");
    if (request.method === "MKCOL" && chunk === undefined) {
      await this.#destination(request, true);
      if (await isThere(path)) throw new Failure(405, "The resource already exists");
      await mkdir(path);
      this.#uploads.set(upload, { touchedAt: this.#now(), isBusy: false });
      return void response.writeHead(201).end();
    }
    const known = this.#uploads.get(upload);
    if (known === undefined)
      throw new Failure(404, `File with name ${upload} could not be located`);
    if (known.isBusy) throw new Failure(423, `"${upload}" is locked`);
    known.touchedAt = this.#now();
    if (request.method === "PROPFIND") {
      return this.#propfind(request, response, { path, relative: upload, isUpload: true });
    }
    if (request.method === "DELETE") {
      this.#uploads.delete(upload);
      await rm(path, { recursive: true });
      return void response.writeHead(204).end();
    }
    if (request.method === "PUT" && chunk !== undefined) {
      await this.#destination(request, true);
      if (!/^\d+$/.test(chunk) || Number(chunk) < 1 || Number(chunk) > 10_000) {
        throw new Failure(400, "Invalid chunk name, must be numeric between 1 and 10000");
      }
      await this.#checkQuota(Number(request.headers["oc-total-length"] ?? 0));
      const isNew = !(await isThere(join(path, chunk)));
      await this.#store(request, response, join(path, chunk));
      return void response.writeHead(isNew ? 201 : 204).end();
    }
    if (request.method === "MOVE" && chunk === ".file") {
      return this.#assemble(request, response, { path, upload });
    }
    throw new Failure(405, "Reading intermediate uploads is not allowed");
  }

  async #assemble(
    request: IncomingMessage,
    response: Answering,
    { path, upload }: { readonly path: string; readonly upload: string },
  ): Promise<void> {
    const target = await this.#destination(request);
    const names = (await readdir(path)).toSorted((a, b) => Number(a) - Number(b));
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
    const size = sizes.reduce((sum, each) => sum + each, 0);
    const expected = request.headers["oc-total-length"];
    if (expected !== undefined && expected !== String(size)) {
      throw new Failure(
        400,
        `Chunks on server do not sum up to ${String(expected)} but to ${size} bytes`,
      );
    }
    if (sizes.slice(0, -1).some((each) => each < 5_000_000 || each > 5_000_000_000)) {
      throw new Failure(400, "Your proposed upload is smaller than the minimum allowed size");
    }
    await this.#checkQuota(size);
    const known = this.#uploads.get(upload);
    if (known !== undefined) known.isBusy = true;
    await pause(this.options.assemblyMs ?? 0);
    const part = `${target.path}.part`;
    for (const name of names) {
      await pipeline(createReadStream(join(path, name)), createWriteStream(part, { flags: "a" }));
    }
    await rename(part, target.path);
    this.#files.set(target.relative, { etag: newEtag(), size, checksum: checksumOf(request) });
    this.#uploads.delete(upload);
    await rm(path, { recursive: true });
    if (!response.headersSent) response.writeHead(target.isThere ? 204 : 201).end();
  }

  /** Drops uploads that nobody has touched for a day. */
  #expire(): void {
    if (this.options.isForgetful === true) return;
    for (const [name, { touchedAt }] of this.#uploads) {
      if (this.#now() - touchedAt > dayMs) this.#uploads.delete(name);
    }
  }

  async #propfind(
    request: IncomingMessage,
    response: Answering,
    {
      path,
      relative,
      isUpload = false,
    }: { readonly path: string; readonly relative: string; readonly isUpload?: boolean },
  ): Promise<void> {
    if (request.headers.depth !== "0" && request.headers.depth !== "1") {
      throw new Failure(412, "Infinite depth is not allowed");
    }
    const kind = isUpload ? "uploads" : "files";
    const prefix = `/remote.php/dav/${kind}/${encodeURIComponent(this.userId)}`;
    const href = (name: string, isFolder: boolean): string => {
      const parts = [relative, name].flatMap((part) => part.split("/")).filter(Boolean);
      const end = isFolder ? "/" : "";
      const found = `${prefix}/${parts.map(encodeURIComponent).join("/")}${parts.length > 0 ? end : ""}`;
      return this.options.isOdd === true ? this.origin + found : found;
    };
    const self = await stat(path);
    const names = [""];
    if (self.isDirectory() && request.headers.depth === "1") names.push(...(await readdir(path)));
    if (isUpload && relative !== "") names.push(".file");
    const entries = await Promise.all(
      names.map(async (name) => {
        if (name.endsWith(".part")) return "";
        const stats = name === ".file" ? self : await stat(join(path, name));
        const isFolder = stats.isDirectory() && name !== ".file";
        const upload = isUpload ? this.#uploads.get(name === "" ? relative : name) : undefined;
        const time = upload?.touchedAt ?? stats.mtimeMs + (this.options.aheadMs ?? 0);
        const facts = isUpload
          ? undefined
          : this.#facts([relative, name].filter(Boolean).join("/"));
        const properties: [string, string][] = [
          ["d:resourcetype", isFolder ? "<d:collection/>" : ""],
          ["d:getlastmodified", new Date(time).toUTCString()],
        ];
        if (!isFolder) {
          properties.push(["d:getcontentlength", String(stats.size)]);
          properties.push(["d:getetag", `&quot;${facts?.etag ?? "chunk"}&quot;`]);
        }
        if (isFolder && !isUpload) {
          const { quota = -3 } = this.options;
          const used = this.#used();
          properties.push([
            "d:quota-available-bytes",
            String(quota < 0 ? quota : Math.max(0, quota - used)),
          ]);
          properties.push(["d:quota-used-bytes", String(used)]);
        }
        if (facts?.checksum !== undefined) {
          properties.push(["oc:checksums", `<oc:checksum>${facts.checksum}</oc:checksum>`]);
        }
        return entry(href(name, isFolder), properties);
      }),
    );
    multistatus(response, entries.join(""), this.options.isOdd === true);
  }

  async #get(
    request: IncomingMessage,
    response: Answering,
    { path, relative }: { readonly path: string; readonly relative: string },
  ): Promise<void> {
    const stats = await stat(path);
    if (stats.isDirectory()) throw new Failure(501, "GET is only implemented for File objects");
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
    const start = Number(range?.[1] ?? 0);
    const end = range?.[2] ? Math.min(Number(range[2]), stats.size - 1) : stats.size - 1;
    if (range !== null && start >= stats.size) throw new Failure(416, "Range not satisfiable");
    const headers: Record<string, string> = {
      "content-length": String(end - start + 1),
      etag: `"${this.#facts(relative).etag}"`,
      ...(range === null ? {} : { "content-range": `bytes ${start}-${end}/${stats.size}` }),
    };
    response.writeHead(range === null ? 200 : 206, headers);
    if (request.method === "HEAD" || stats.size === 0) return void response.end();
    await pipeline(createReadStream(path, { start, end }), response as ServerResponse);
  }

  async #put(
    request: IncomingMessage,
    response: Answering,
    { path, relative }: { readonly path: string; readonly relative: string },
  ): Promise<void> {
    const isNew = !(await isThere(path));
    if (!isNew && request.headers["if-none-match"] === "*") throw new Failure(412, "It exists");
    if (!(await isThere(dirname(path)))) {
      throw new Failure(409, "Files cannot be created in non-existent collections");
    }
    await this.#checkQuota(Number(request.headers["content-length"] ?? 0));
    await this.#store(request, response, path);
    const { size } = await stat(path);
    this.#files.set(relative, { etag: newEtag(), size, checksum: checksumOf(request) });
    response.writeHead(isNew ? 201 : 204).end();
  }

  /** Through a part file, so that nothing is seen of what does not come to its end. */
  async #store(request: IncomingMessage, response: Answering, path: string): Promise<void> {
    const part = `${path}.ocTransferId${randomBytes(4).toString("hex")}.part`;
    try {
      if (request.headers.expect !== undefined && !response.headersSent) response.writeContinue();
      await pipeline(request, createWriteStream(part));
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
  }

  async #destination(
    { headers }: IncomingMessage,
    isOnlyNamed = false,
  ): Promise<{ readonly path: string; readonly relative: string; readonly isThere: boolean }> {
    const given = headers.destination;
    if (given === undefined) throw new Failure(400, "The destination header was not supplied");
    const names = new URL(String(given), this.origin).pathname
      .split("/")
      .filter(Boolean)
      .map(decodeURIComponent);
    const rest = names[1] === "webdav" ? names.slice(2) : names.slice(4);
    for (const name of rest) checkName(name);
    const path = join(this.#root, "files", ...rest);
    const there = await isThere(path);
    if (!isOnlyNamed) {
      if (!(await isThere(dirname(path))))
        throw new Failure(409, "The destination node is not found");
      if (there && headers.overwrite === "F") {
        throw new Failure(
          412,
          "The destination node already exists, and the overwrite header is set to false",
        );
      }
    }
    return { path, relative: rest.join("/"), isThere: there };
  }

  async #checkQuota(length: number): Promise<void> {
    const { quota = -3 } = this.options;
    if (quota < 0) return;
    const free = quota - this.#used();
    if (length <= free) return;
    throw new Failure(507, `Insufficient space in files, ${length} required, ${free} available`);
  }

  #used(): number {
    return [...this.#files.values()].reduce((sum, { size }) => sum + size, 0);
  }

  #facts(relative: string): FileFacts {
    const facts = this.#files.get(relative) ?? { etag: newEtag(), size: 0, checksum: undefined };
    this.#files.set(relative, facts);
    return facts;
  }

  #now(): number {
    return Date.now() + (this.options.aheadMs ?? 0);
  }

  #refuse(response: ServerResponse, { status, message }: Failure): void {
    const body = `<?xml version="1.0" encoding="utf-8"?>
<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">
  <s:exception>Sabre\\DAV\\Exception</s:exception>
  <s:message>${escaped(message)}</s:message>
</d:error>`;
    if (status === 401)
      response.setHeader("www-authenticate", 'Basic realm="Annas Wolke", charset="UTF-8"');
    response.writeHead(status, {
      "content-type": "application/xml; charset=utf-8",
      connection: "close",
    });
    response.end(body);
  }

  #page(response: ServerResponse, status: number, title: string): void {
    response.writeHead(status, { "content-type": "text/html", connection: "close" });
    response.end(`<html><h1>${status} ${title}</h1></html>`);
  }
}

/** As much of a response as is used; a fault that happens behind the work has one that nobody sees. */
type Answering = Pick<ServerResponse, "headersSent" | "writeContinue"> & {
  writeHead(status: number, headers?: Readonly<Record<string, string>>): Answering;
  end(body?: string): unknown;
};

class Blind implements Answering {
  readonly headersSent = false;
  writeContinue(): void {}
  writeHead(): this {
    return this;
  }
  end(): void {}
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) > 250) throw new Failure(400, "File name is too long");
  if (/[\\/\p{Cc}]/u.test(name)) throw new Failure(400, "File name contains an invalid character");
}

function checksumOf({ headers }: IncomingMessage): string | undefined {
  return headers["oc-checksum"]?.toString();
}

function newEtag(): string {
  return randomBytes(16).toString("hex");
}

function entry(href: string, properties: readonly (readonly [string, string])[]): string {
  const inner = properties.map(([name, value]) => `<${name}>${value}</${name}>`).join("");
  return `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${inner}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat><d:propstat><d:prop><d:getcontenttype/></d:prop><d:status>HTTP/1.1 404 Not Found</d:status></d:propstat></d:response>`;
}

function multistatus(response: Answering, entries: string, isOdd = false): void {
  const namespaces = `xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"`;
  const body = `<?xml version="1.0"?>\n<d:multistatus ${namespaces}>${entries}</d:multistatus>`;
  response.writeHead(207, { "content-type": "application/xml; charset=utf-8" });
  response.end(isOdd ? body.replaceAll(/(<\/?)d:/g, "$1D:").replace("xmlns:d=", "xmlns:D=") : body);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
