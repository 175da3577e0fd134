import type { FileHandle } from "node:fs/promises";

/**
 * Brings a growing file to the disk while it is written, so that little is left for the end. At most
 * 256 MiB stand between the writer and the disk: without that bound the last flush of a large file
 * takes minutes on a slow disk, and nobody sees why.
 */
export class BackgroundSync {
  readonly #file: FileHandle;
  #running: Promise<void> | undefined;
  #syncedBytes = 0;
  #failure: Error | undefined;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Tells how many bytes were written in all. Waits only when the disk is far behind. */
  async wrote(totalBytes: number): Promise<void> {
    this.#check();
    if (this.#running === undefined && totalBytes - this.#syncedBytes >= windowBytes) {
      this.#running = this.#sync(totalBytes);
    }
    if (totalBytes - this.#syncedBytes > mostAheadBytes) await this.#running;
    this.#check();
  }

  /** Everything that was written is on the disk when this resolves. */
  async finish(): Promise<void> {
    await this.#running;
    this.#check();
    await this.#file.datasync();
  }

  /** Waits for what is under way, so that the file can be closed; never rejects. */
  async settle(): Promise<void> {
    await this.#running;
  }

  async #sync(totalBytes: number): Promise<void> {
    try {
      await this.#file.datasync();
      this.#syncedBytes = totalBytes;
    } catch (error) {
      // The kernel tells of a failed write-back once only, so it is kept until somebody asks.
      this.#failure = error instanceof Error ? error : new Error(String(error));
    } finally {
      this.#running = undefined;
    }
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

const windowBytes = 64 * 1024 * 1024;
const mostAheadBytes = 256 * 1024 * 1024;
