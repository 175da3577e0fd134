import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { StorageError } from "../errors.ts";
import { onlyThese } from "./pattern.ts";
import type { Rsync, RsyncRun } from "./rsync.ts";
import { inSpool, makeWorkFolder, type WorkFolder } from "./work-folder.ts";

/** A stretch of an object: bytes from `offset` up to `end`, which must exist. */
export interface Stretch {
  readonly key: string;
  readonly offset: number;
  readonly end: number;
}

const megabyte = 1024 * 1024;
/** How far a run may be ahead of its reader: a little at first, since many a reader wants no more. */
const leastAheadBytes = 8 * megabyte;
/** What a run may bring altogether before its file makes room for another. */
const mostBytes = 512 * megabyte;
/**
 * rsync writes so much at a time. Ended in the middle of that, it writes the same once more behind it; so the last bytes count
 * only when it has ended well.
 */
const unsureBytes = 256 * 1024;
const watchMs = 50;
const waitMs = 5;

/** One run of rsync that fetches a stretch into a file, which is read while it grows. */
export class FetchRun implements AsyncDisposable {
  readonly #work: WorkFolder;
  readonly #file: FileHandle;
  readonly #begin: number;
  readonly #end: number;
  readonly #signal: AbortSignal;
  readonly #stop: AbortController;
  readonly #watch: NodeJS.Timeout;
  #at: number;
  /** Size of the file when this run was ended early. */
  #stoppedAt = Infinity;
  #over = false;
  #failure: Error | undefined;
  #ended: Promise<void>;

  private constructor(
    { work, file, stop }: { work: WorkFolder; file: FileHandle; stop: AbortController },
    { stretch, run }: { stretch: Stretch; run: RsyncRun },
    signal: AbortSignal,
  ) {
    this.#work = work;
    this.#file = file;
    this.#stop = stop;
    this.#begin = stretch.offset;
    this.#at = stretch.offset;
    this.#end = stretch.end;
    this.#signal = signal;
    this.#watch = setInterval(() => void this.#look(), watchMs);
    run.stdout.resume();
    this.#ended = run.ended
      .catch((error: unknown) => {
        // That we have ended it is no failure.
        if (!stop.signal.aborted) this.#failure = asFetchError(error as Error);
      })
      .finally(() => (this.#over = true));
  }

  static async start(rsync: Rsync, stretch: Stretch, signal: AbortSignal): Promise<FetchRun> {
    const { spool } = rsync.settings;
    const { key, offset } = stretch;
    const work = await makeWorkFolder(spool);
    const stop = new AbortController();
    try {
      const pull = work.path;
      const file = await inSpool(spool, async () => {
        await mkdir(dirname(join(pull, key)), { recursive: true, mode: 0o700 });
        const made = await open(join(pull, key), "wx+", 0o600);
        await made.truncate(offset);
        return made;
      });
      const order = { subject: key, options: ["-r", "--append", ...onlyThese([key])], pull };
      const run = await rsync.start(order, AbortSignal.any([signal, stop.signal]));
      return new FetchRun({ work, file, stop }, { stretch, run }, signal);
    } catch (error) {
      await work[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Bytes that were read from this run. */
  get brought(): number {
    return this.#at - this.#begin;
  }

  /** The bytes that this run brings. Rejects if it fails before the end of the stretch. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    while (this.#at < this.#end) {
      // Asked before the file is, so that nothing that comes in between is missed.
      const wasOver = this.#over;
      const isWhole = wasOver && !this.#stop.signal.aborted && this.#failure === undefined;
      const { size: written } = await this.#file.stat();
      const sure = isWhole ? written : Math.min(written, this.#stoppedAt) - unsureBytes;
      const size = Math.min(this.#end, sure);
      if (size > this.#at) {
        const bytes = Buffer.allocUnsafeSlow(Math.min(megabyte, size - this.#at));
        const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, this.#at);
        this.#at += bytesRead;
        this.#signal.throwIfAborted();
        yield bytes.subarray(0, bytesRead);
        continue;
      }
      this.#signal.throwIfAborted();
      if (wasOver && this.#failure !== undefined) throw this.#failure;
      if (wasOver) return;
      await Promise.race([pause(waitMs), this.#ended]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#watch);
    this.#stop.abort();
    await this.#ended;
    await this.#file.close();
    await this.#work[Symbol.asyncDispose]();
  }

  /** Ends the run when it has brought all, or too much for now. */
  async #look(): Promise<void> {
    // Closed at that moment.
    const size = await this.#file.stat().then(
      (stats) => stats.size,
      () => 0,
    );
    const isFar = size - this.#at > leastAheadBytes + 4 * this.brought;
    const isEnough = size - unsureBytes >= this.#end || isFar || size - this.#begin > mostBytes;
    if (!isEnough || this.#stop.signal.aborted) return;
    this.#stoppedAt = size;
    this.#stop.abort();
  }
}

/** Where rsync fetches, a disk that is full is one of this machine. */
function asFetchError(error: Error): Error {
  if (!(error instanceof StorageError) || error.problem !== "full") return error;
  const message =
    "The spool on this machine is full, where objects pass through; set spool to another folder";
  return new StorageError("full", message, { cause: error });
}
