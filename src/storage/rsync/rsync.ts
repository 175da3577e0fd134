import { text } from "node:stream/consumers";
import type { Readable } from "node:stream";
import { startProgram, type ProgramEnd } from "../start-program.ts";
import { daemonAccess, type Access } from "./access.ts";
import { asStorageError, strangeHost } from "./errors.ts";
import type { RsyncSettings } from "./settings.ts";
import { SshDoor, type AccessLease } from "./ssh-door.ts";
import { sweepSpool } from "./work-folder.ts";

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
}

/** A run that is going on. */
export interface RsyncRun {
  readonly stdout: Readable;
  /** Rejects with a `StorageError` unless it ends well, or with the signal's reason. */
  readonly ended: Promise<void>;
}

/** Starts rsync for one place, a process for each call. */
export class Rsync {
  readonly settings: RsyncSettings;
  /** Whether the other side knows `--fsync`, as far as it was found out. */
  canSync = true;
  readonly #door: SshDoor | undefined;
  #swept: Promise<void> | undefined;

  constructor(settings: RsyncSettings) {
    this.settings = settings;
    const { way } = settings;
    this.#door = way.kind === "ssh" ? new SshDoor(settings, way) : undefined;
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
    this.#swept ??= sweepSpool(this.settings.spool);
    await this.#swept;
    const { access, release } = await this.#lease(signal);
    try {
      const { stdin, stdout, ended } = await startProgram({
        program: "rsync",
        args: this.#argsOf(order, access),
        env: { ...access.env, TZ: "UTC" },
        signal,
      });
      stdin.end();
      const judged = ended.then((end) => this.#judge(order, end)).finally(release);
      // Whoever started it hears of it from `ended`, which may be asked for later.
      judged.catch(() => undefined);
      return { stdout, ended: judged };
    } catch (error) {
      release();
      throw error;
    }
  }

  async #lease(signal: AbortSignal): Promise<AccessLease> {
    const { settings } = this;
    if (this.#door !== undefined) return this.#door.lease(signal);
    if (settings.way.kind !== "daemon") throw new Error("A way without a door");
    return { access: daemonAccess(settings, settings.way), release: () => undefined };
  }

  #judge({ subject }: RsyncOrder, { code, errors }: ProgramEnd): void {
    if (code === 0) return;
    const { host, way, path } = this.settings;
    if (strangeHost.test(errors)) this.#door?.forgetKey();
    const folder = way.kind === "daemon" ? `${way.module}/${path}` : path;
    throw asStorageError({ code, errors, subject, host, folder });
  }

  #argsOf({ options, push, pull }: RsyncOrder, { remote, args }: Access): readonly string[] {
    const place = remote + this.#path;
    const shared = ["--no-human-readable", "--8-bit-output", ...args, ...options];
    if (push !== undefined) return [...shared, `${push}/`, place];
    if (pull !== undefined) return [...shared, place, `${pull}/`];
    return [...shared, "--list-only", place];
  }

  get #path(): string {
    const { way, path } = this.settings;
    if (way.kind === "daemon") return `${path.replace(/^\/+/, "")}/`;
    // A path of its own must look like neither an option nor a daemon's.
    return `${path.startsWith("/") ? path : `./${path}`}${path.endsWith("/") ? "" : "/"}`;
  }
}
