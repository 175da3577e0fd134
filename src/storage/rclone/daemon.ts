import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StorageError } from "../errors.ts";
import { systemErrorCode } from "../system-error-code.ts";
import { startRclone } from "./daemon-process.ts";
import type { DaemonProcess } from "./daemon-process.ts";
import { lastReason, rcloneError } from "./errors.ts";
import type { RcloneSettings } from "./settings.ts";

/** Where an rclone listens: a socket in a folder of this user alone, or a port of this machine. */
export type DaemonAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number };

/**
 * One `rclone rcd`. It ends with us, however we end: a shell beside it reads from a pipe that only we hold open, and when
 * that is closed it ends rclone and removes the folder of the socket.
 */
export class RcloneDaemon {
  readonly address: DaemonAddress;
  /** For `Authorization`. */
  readonly authorization: string;
  /** What the place is called inside of this daemon: a remote that only its environment knows. */
  readonly fs: string;
  readonly #child: ChildProcess;
  readonly #log: DaemonProcess["log"];

  constructor(started: DaemonProcess, address: DaemonAddress) {
    this.#child = started.child;
    this.#log = started.log;
    this.authorization = started.authorization;
    this.fs = started.fs;
    this.address = address;
  }

  /**
   * Starts rclone and waits until it listens. From 1.61 on that is a socket; 1.60 can only listen on a port. Rejects
   * with `unsupported` where it is not installed.
   */
  static async start(settings: RcloneSettings): Promise<RcloneDaemon> {
    const daemon = socketsFail ? undefined : await onSocket(settings);
    if (daemon !== undefined) return daemon;
    socketsFail = true;
    return onPort(settings);
  }

  /** False as soon as rclone has ended, for whatever reason. */
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits for its end, up to that many milliseconds. */
  async ended(longestMs: number): Promise<void> {
    if (!this.isAlive) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, longestMs);
    this.#child.once("close", resolve);
    await promise;
    this.#child.off("close", resolve);
    clearTimeout(late);
  }

  /** The end of what it has said. */
  get log(): string {
    return this.#log.text;
  }

  /** Rejects never; it may be called twice. */
  stop(): void {
    this.#child.stdin?.destroy();
  }
}

/** True once this machine's rclone has turned out to be too old for them. */
let socketsFail = false;

/** Undefined where this rclone cannot listen on a socket, or its path is too long for one. It does not say when it does. */
async function onSocket(settings: RcloneSettings): Promise<RcloneDaemon | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "safehouse-rclone-"));
  const socketPath = join(folder, "rc");
  const started = startRclone(settings, { folder, listen: `unix://${socketPath}` });
  const daemon = new RcloneDaemon(started, { socketPath });
  while (daemon.isAlive) {
    if (await answers(socketPath)) return daemon;
    await daemon.ended(lookAgainInMs);
  }
  await started.log.complete();
  if (/unknown port|too many colons|bind: invalid argument/.test(started.log.text))
    return undefined;
  throw endedAtOnce(started.log.text);
}

const lookAgainInMs = 20;

async function answers(socketPath: string): Promise<boolean> {
  const socket = connect(socketPath);
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    if (["ENOENT", "ECONNREFUSED"].includes(systemErrorCode(error) ?? "")) return false;
    throw error;
  } finally {
    socket.destroy();
  }
}

async function onPort(settings: RcloneSettings): Promise<RcloneDaemon> {
  const started = startRclone(settings, { folder: "", listen: "127.0.0.1:0" });
  const said = await started.log.until(/Serving remote control on http:\/\/127\.0\.0\.1:\d+/);
  if (said === undefined) throw endedAtOnce(started.log.text);
  return new RcloneDaemon(started, {
    host: "127.0.0.1",
    port: Number(said.slice(said.lastIndexOf(":") + 1)),
  });
}

function endedAtOnce(log: string): StorageError {
  if (/not found$/m.test(log) && !/\b(NOTICE|ERROR|CRITICAL|Failed)\b/.test(log)) {
    return new StorageError("unsupported", "The program rclone is not installed here");
  }
  return rcloneError(lastReason(log), "rclone did not start");
}
