import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { StorageError } from "../errors.ts";
import { settledOrAborted } from "../interruptible.ts";
import { runProgram } from "../start-program.ts";
import type { Access } from "./access.ts";
import { asStorageError, strangeHost } from "./errors.ts";
import { pinnedHostKey, type HostKey } from "./known-host.ts";
import type { RsyncSettings, SshWay } from "./settings.ts";
import { answersOf, sshAlias, writeSshFiles } from "./ssh-config.ts";
import { makeWorkFolder, type WorkFolder } from "./work-folder.ts";

/** An access while somebody uses it. */
export interface AccessLease {
  readonly access: Access;
  readonly release: () => void;
}

/**
 * The way to a place through the system's `ssh`. Runs of rsync follow each other quickly, and signing in takes longer than most of
 * them, so they share a connection: a `ssh` in the background, which goes by itself when nobody has used it for a
 * while. What it was told lies in a folder that goes with it.
 */
export class SshDoor {
  readonly #settings: RsyncSettings;
  readonly #way: SshWay;
  #hostKey: HostKey | undefined;
  #folder: WorkFolder | undefined;
  #opening: { readonly path: Promise<string>; readonly quit: AbortController } | undefined;
  #users = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(settings: RsyncSettings, way: SshWay) {
    this.#settings = settings;
    this.#way = way;
  }

  /** Rejects as `pinnedHostKey`, and with `sign-in` or `unreachable`. */
  async lease(signal: AbortSignal): Promise<AccessLease> {
    clearTimeout(this.#idle);
    this.#users += 1;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      this.#leave();
    };
    try {
      const path = await settledOrAborted(this.#opened(), signal);
      const access = {
        remote: `${sshAlias}:`,
        args: [`--rsh=ssh -F ${quotedForRsync(join(path, "config"))}`],
        env: answersOf(path, this.#way),
      };
      return { access, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The next call looks at the host's keys again, and can tell which it shows now. */
  forgetKey(): void {
    this.#hostKey = undefined;
    this.#close();
  }

  /** Opened by whoever comes first, for all who wait for it. */
  #opened(): Promise<string> {
    if (this.#opening !== undefined) return this.#opening.path;
    const quit = new AbortController();
    const opening = { path: this.#open(quit.signal), quit };
    this.#opening = opening;
    const over = (): void => {
      if (this.#opening === opening) this.#opening = undefined;
    };
    opening.path.then(over, over);
    return opening.path;
  }

  /** Gives the folder with the files, and makes sure that there is a connection to share. Where there cannot be one each run makes its own. */
  async #open(quit: AbortSignal): Promise<string> {
    const late = AbortSignal.timeout(patienceMs);
    const signal = AbortSignal.any([quit, late]);
    try {
      this.#folder ??= await this.#writeFiles(signal);
      const { path } = this.#folder;
      const socket = join(path, socketName);
      if (socket.length <= longestSocket && !existsSync(socket)) await this.#connect(path, signal);
      return path;
    } catch (error) {
      if (!late.aborted || quit.aborted) throw error;
      const { host } = this.#settings;
      throw new StorageError("unreachable", `${host} answers, but lets nobody in`, {
        cause: error,
      });
    }
  }

  async #writeFiles(signal: AbortSignal): Promise<WorkFolder> {
    const { host, spool } = this.#settings;
    const { port, hostKey } = this.#way;
    this.#hostKey ??= await pinnedHostKey({ host, port, hostKey }, signal);
    const folder = await makeWorkFolder(spool);
    const socket = join(folder.path, socketName);
    await writeSshFiles(folder.path, { host, way: this.#way, hostKey: this.#hostKey, socket });
    return folder;
  }

  async #connect(folder: string, signal: AbortSignal): Promise<void> {
    const said = join(folder, "said");
    // What stays in the background must not hold on to our pipes.
    const script = 'exec ssh "$@" </dev/null >/dev/null 2>"$0"';
    const options = ["-F", join(folder, "config"), "-f", "-N", "-o", "ControlMaster=yes"];
    const { code } = await runProgram({
      program: "sh",
      args: ["-c", script, said, ...options, "-o", `ControlPersist=${idleSeconds}`, sshAlias],
      env: answersOf(folder, this.#way),
      signal,
    });
    if (code === 0) return;
    const errors = await readFile(said, "utf8");
    const { host, path } = this.#settings;
    if (strangeHost.test(errors)) this.forgetKey();
    throw asStorageError({ code, errors, subject: path, host, folder: path });
  }

  #leave(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#opening?.quit.abort();
    this.#opening = undefined;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#close(), idleSeconds * 1000).unref();
  }

  /** The connection goes by itself; without its files it cannot be used any more. */
  #close(): void {
    const folder = this.#folder;
    this.#folder = undefined;
    // What stays is removed at the end of this process, or swept by another.
    folder?.[Symbol.asyncDispose]().then(undefined, () => undefined);
  }
}

const idleSeconds = 15;
/** For the host's keys and the sign-in together. */
const patienceMs = 60_000;
const socketName = "ssh";
/** Of the path of a socket, with what `ssh` appends while it makes one. */
const longestSocket = 85;

/** For rsync, which splits this one argument at blanks and knows doubled quotes inside of quotes. */
function quotedForRsync(path: string): string {
  return `'${path.replaceAll("'", "''")}'`;
}
