import { realpath } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { SafehouseError } from "#core/model/problem.ts";
import type { Log } from "#core/ports.ts";
import type { SambaSharing } from "#core/sharing/sharing.ts";
import type { Share, ShareState } from "#jobs/share-port.ts";
import type { Services } from "#operations/services.ts";
import { folderKind } from "#storage/catalog.ts";
import { asSafehouseError } from "#storage/errors.ts";
import { startProgram, type RunningProgram } from "#storage/start-program.ts";
import { isFolderPath } from "../../locations/is-folder-path.ts";
import type { LocalHome } from "../../local-home.ts";
import { findProgram } from "./find-program.ts";
import { lastLine, sambaFolder, type SambaFolder } from "./samba-folder.ts";

export interface SambaShareOptions {
  readonly home: LocalHome;
  readonly services: Services;
  readonly dataDirectory: string;
  readonly log: Log;
  /** The server's. */
  readonly signal: AbortSignal;
}

/** A share that is to be, with everything that makes it another one. */
interface Wanted extends SambaSharing {
  readonly shared: string;
}

/** A share that can be opened. */
interface Running {
  /** What it was begun with, as text. */
  readonly as: string;
  readonly program: RunningProgram;
  readonly folder: SambaFolder;
  /** Ends it if it does not end by itself. */
  readonly end: AbortController;
}

/** So long smbd may take until it answers, and until it has ended. */
const patienceInMs = 15_000;

/**
 * Gives out the folder of the default location by Debian's smbd, as a child of the server: with settings of its own, for one
 * user, read-only. It ends with the server, also with one that is killed: it reads from a pipe whose other end dies with
 * us. Node's own pipes are sockets, which smbd would take for a client, so `cat` stands in between.
 */
export class SambaShare implements Share, AsyncDisposable {
  readonly #options: SambaShareOptions;
  #running: Running | undefined;
  #problem: SafehouseError | undefined;
  #applying: Promise<void> = Promise.resolve();

  constructor(options: SambaShareOptions) {
    this.#options = options;
  }

  state(): ShareState {
    const running = this.#running !== undefined && this.#problem === undefined;
    return { running, problem: this.#problem };
  }

  /** One after the other: each does what the settings say by then. */
  apply(): Promise<void> {
    this.#applying = this.#applying.then(() => this.#apply());
    return this.#applying;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#applying;
    await this.#end();
  }

  async #apply(): Promise<void> {
    const { signal } = this.#options;
    if (signal.aborted) return;
    try {
      await this.#become(await this.#wanted());
      this.#problem = undefined;
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  async #become(wanted: Wanted | undefined): Promise<void> {
    const as = JSON.stringify(wanted);
    if (this.#running?.as === as && this.#problem === undefined) return;
    await this.#end();
    if (wanted === undefined) return;
    this.#running = await this.#begin(wanted, as);
    this.#options.log.info("The backups are shared by Samba", { port: wanted.port });
  }

  #fail(error: unknown): void {
    const known = asSafehouseError(error);
    const before = this.#problem?.message;
    this.#problem =
      known instanceof SafehouseError
        ? known
        : new SafehouseError("command-failed", "Samba could not be started", { cause: error });
    // It is tried again every minute.
    if (this.#problem.message === before) return;
    this.#options.log.warn("The backups cannot be shared by Samba", { error });
  }

  async #wanted(): Promise<Wanted | undefined> {
    const { samba } = await this.#options.home.sharing.read();
    if (samba === undefined) return undefined;
    return { ...samba, shared: await this.#folderOfBackups() };
  }

  /** Rejects with `unsupported` where the backups are no folder, and with `unreachable` where it is away. */
  async #folderOfBackups(): Promise<string> {
    const { home, services, dataDirectory } = this.#options;
    await using open = await services.openLocations({ dataDir: dataDirectory });
    const id = open.chosen ?? (await open.locations.default());
    const record = (await open.locations.list()).find((one) => one.id === id);
    const path = isFolderPath(id)
      ? id
      : record?.kind === folderKind
        ? home.book.settingsOf(record)["path"]
        : undefined;
    if (typeof path !== "string")
      throw new SafehouseError(
        "unsupported",
        `The default location ${id} is no folder of this machine, so Samba cannot share it`,
        {
          subject: id,
          advice: "Make a folder the default location: safehouse locations default ID",
        },
      );
    try {
      return await realpath(path);
    } catch (cause) {
      throw new SafehouseError("unreachable", `${path} is not there, so it cannot be shared`, {
        subject: path,
        cause,
      });
    }
  }

  async #begin({ port, address, password, shared }: Wanted, as: string): Promise<Running> {
    const { home, dataDirectory, signal } = this.#options;
    if (password === undefined)
      throw new SafehouseError("usage", "The share has no password", {
        advice: "Make one with: safehouse sharing samba --new-password",
      });
    const [smbd, pdbedit] = await Promise.all([findProgram("smbd"), findProgram("pdbedit")]);
    if (smbd === undefined || pdbedit === undefined) throw notInstalled();
    await refuseTakenPort(port, address);
    const secret = home.sharing.open(password);
    const wish = { dataDirectory, shared, port, address, password: secret, pdbedit, signal };
    const folder = await sambaFolder(wish);
    const end = new AbortController();
    try {
      const args = ["--foreground", "--no-process-group", "--debug-stdout", "-s", folder.config];
      const program = await startProgram({
        program: "/bin/sh",
        args: ["-c", 'cat | exec "$@"', "sh", smbd, ...args],
        signal: end.signal,
      });
      await this.#untilItAnswers(program, port, address);
      void program.ended.then(
        ({ errors }) => this.#hasEnded(as, errors),
        (error: unknown) => this.#hasEnded(as, String(error)),
      );
      return { as, program, folder, end };
    } catch (error) {
      end.abort();
      await folder[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #untilItAnswers(
    { stdout, ended }: RunningProgram,
    port: number,
    address: string | undefined,
  ): Promise<void> {
    let said = "";
    stdout.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2000);
    });
    let isOver = false;
    const over = ended.then(({ errors }) => {
      isOver = true;
      said += errors;
    });
    for (let waited = 0; waited < patienceInMs && !isOver; waited += 100) {
      if (await answers(port, address ?? "127.0.0.1")) return;
      await Promise.race([over, pause(100)]);
    }
    const why = lastLine(said) || "it said nothing";
    throw new SafehouseError("command-failed", `smbd did not come up: ${why}`);
  }

  /** It ended although nobody wanted that; the next look after the home begins it anew. */
  #hasEnded(as: string, errors: string): void {
    if (this.#running?.as !== as) return;
    this.#problem = new SafehouseError("command-failed", `smbd has ended: ${lastLine(errors)}`);
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    const { program, folder, end } = running;
    const ended = program.ended.catch(() => undefined);
    program.stdin.end();
    await Promise.race([ended, pause(patienceInMs, undefined, { ref: false })]);
    end.abort();
    await ended;
    await folder[Symbol.asyncDispose]();
  }
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const tell = (isThere: boolean) => (): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once("connect", tell(true)).once("error", tell(false));
  });
}

/** smbd would only say that it could not bind to anything. */
async function refuseTakenPort(port: number, address: string | undefined): Promise<void> {
  const server = createServer();
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once("error", resolve);
    server.listen({ port, ...(address === undefined ? {} : { host: address }) }, () =>
      resolve(undefined),
    );
  });
  await new Promise((resolve) => server.close(resolve));
  if (error === undefined) return;
  const where = `port ${port}${address === undefined ? "" : ` of ${address}`}`;
  if (error.code === "EADDRINUSE")
    throw new SafehouseError("busy", `Another program listens on ${where}`, {
      advice: "End it, or choose another port with: safehouse sharing samba --port PORT",
      cause: error,
    });
  if (error.code === "EACCES")
    throw new SafehouseError("denied", `Listening on ${where} is not allowed`, {
      advice: "Choose a port above 1023 with: safehouse sharing samba --port PORT",
      cause: error,
    });
  if (error.code === "EADDRNOTAVAIL")
    throw new SafehouseError("usage", `This machine has no address ${address}`, { cause: error });
  throw error;
}

function notInstalled(): SafehouseError {
  return new SafehouseError("unsupported", "Samba's server smbd is not installed here", {
    advice: "Install it, on Debian with: apt install samba; or use WebDAV, which needs nothing",
  });
}
