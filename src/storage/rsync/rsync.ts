import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import type { StorageError } from "../errors.ts";
import { startProgram } from "../start-program.ts";
import { daemonAccess, sshAccess, type Access } from "./access.ts";
import { asStorageError } from "./errors.ts";
import { pinnedHostKey, type HostKey } from "./known-host.ts";
import type { RsyncSettings, SshWay } from "./settings.ts";
import { makeWorkFolder, sweepSpool } from "./work-folder.ts";

export interface RsyncOrder {
  /** The key, or a name for the place as a whole, for messages. */
  readonly subject: string;
  readonly options: readonly string[];
  /**
   * Folder of this machine: what is in it goes to the place (`push`), or what the filters let through comes into it
   * (`pull`). Without one the place is listed.
   */
  readonly push?: string;
  readonly pull?: string;
  /** Below the place's folder; the folder itself if absent. Only for the root of the host or of the module: `..`. */
  readonly at?: "root";
}

/** A run that is going on. */
export interface RsyncRun {
  readonly stdout: Readable;
  /** Rejects with a `StorageError` unless it ends well, or with the signal's reason. */
  readonly ended: Promise<void>;
}

/** Starts rsync for one place: each time a process, and a connection, of its own. */
export class Rsync {
  readonly settings: RsyncSettings;
  #hostKey: HostKey | undefined;
  #swept = false;

  constructor(settings: RsyncSettings) {
    this.settings = settings;
  }

  /** Runs it to its end and gives what it has said. Rejects as `RsyncRun.ended`. */
  async run(order: RsyncOrder, signal: AbortSignal): Promise<string> {
    const { stdout, ended } = await this.start(order, signal);
    const said = text(stdout);
    said.catch(() => undefined);
    await ended;
    return said;
  }

  async start(order: RsyncOrder, signal: AbortSignal): Promise<RsyncRun> {
    signal.throwIfAborted();
    const { way, spool, host } = this.settings;
    if (!this.#swept) await sweepSpool(spool);
    this.#swept = true;
    const work = await makeWorkFolder(spool);
    try {
      const access =
        way.kind === "daemon"
          ? daemonAccess(this.settings, way)
          : await sshAccess(this.settings, way, {
              folder: work.path,
              hostKey: await this.#keyOf(way, signal),
            });
      const { stdin, stdout, ended } = await startProgram({
        program: "rsync",
        args: this.#argsOf(order, access),
        env: { ...access.env, TZ: "UTC" },
        signal,
      });
      stdin.end();
      const { subject } = order;
      const judged = (async (): Promise<void> => {
        await using _ = work;
        const { code, errors } = await ended;
        if (code === 0) return;
        const folder = this.#folder;
        throw this.#withKeyForgotten(asStorageError({ code, errors, subject, host, folder }));
      })();
      // Whoever started it hears of it from `ended`, which may be asked for later.
      judged.catch(() => undefined);
      return { stdout, ended: judged };
    } catch (error) {
      await work[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The pinned key in full; looked for once, because that is a connection of its own. */
  async #keyOf({ port, hostKey }: SshWay, signal: AbortSignal): Promise<HostKey> {
    this.#hostKey ??= await pinnedHostKey({ host: this.settings.host, port, hostKey }, signal);
    return this.#hostKey;
  }

  /** The next call looks at the host's keys again, and can tell which it shows now. */
  #withKeyForgotten(error: StorageError): StorageError {
    if (error.problem === "denied") this.#hostKey = undefined;
    return error;
  }

  get #folder(): string {
    const { way, path } = this.settings;
    return way.kind === "daemon" ? `${way.module}/${path}` : path;
  }

  #argsOf({ options, push, pull, at }: RsyncOrder, { remote, args }: Access): readonly string[] {
    const place = remote + this.#pathOf(at);
    const shared = ["--no-human-readable", "--8-bit-output", ...args, ...options];
    if (push !== undefined) return [...shared, `${push}/`, place];
    if (pull !== undefined) return [...shared, place, `${pull}/`];
    return [...shared, "--list-only", place];
  }

  #pathOf(at: RsyncOrder["at"]): string {
    const { way, path } = this.settings;
    const isAbsolute = path.startsWith("/");
    if (at === "root") return isAbsolute && way.kind === "ssh" ? "/" : "./";
    if (way.kind === "daemon") return `${path.replace(/^\/+/, "")}/`;
    // A path of its own must look like neither an option nor a daemon's.
    return `${isAbsolute ? path : `./${path}`}${path.endsWith("/") ? "" : "/"}`;
  }
}

/** Makes a folder of this machine for one order, below a work folder. */
export async function makeTree(work: string, name: string): Promise<string> {
  const path = join(work, name);
  await mkdir(path, { mode: 0o700 });
  return path;
}
