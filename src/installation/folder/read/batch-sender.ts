import type { Entry } from "#core/model/entry.ts";
import type { EntryNote } from "#core/model/part-event.ts";
import { bufferBytes, bufferCount, rowsPerBatch, sharedBuffer } from "./reader-protocol.ts";
import type { EventRow, ReaderMessage, ReaderSetup } from "./reader-protocol.ts";

export type PostMessage = (message: ReaderMessage) => void;

/**
 * Gathers events into batches in the reader's thread. Content is read straight into the buffer of the
 * batch; when all buffers are under way, asking for room blocks this thread until one comes back.
 */
export class BatchSender {
  readonly #setup: ReaderSetup;
  readonly #post: PostMessage;
  #rows: EventRow[] = [];
  #buffer: Uint8Array<SharedArrayBuffer> | undefined;
  #used = 0;
  /** Batches begun. */
  #begun = 0;

  constructor(setup: ReaderSetup, post: PostMessage) {
    this.#setup = setup;
    this.#post = post;
  }

  entry(entry: Entry): void {
    const { path, type, mode, uid, gid, mtime, size, linkTarget } = entry;
    this.#push([0, path, type, mode, uid, gid, mtime, size, linkTarget ?? null]);
  }

  note(note: EntryNote): void {
    this.#push([2, note.path, note.problem, note.message]);
  }

  /** The unused end of the buffer, of at least `bytes` (at most `bufferBytes`). Valid until the next call. */
  room(bytes: number): Uint8Array<SharedArrayBuffer> {
    if (bufferBytes - this.#used < bytes) this.flush();
    this.#buffer ??= this.#nextBuffer();
    return this.#buffer.subarray(this.#used);
  }

  /** The first `bytes` of `room` have been filled and are content of the latest entry. */
  filled(bytes: number): void {
    if (bytes === 0) return;
    const at = this.#used;
    this.#used += bytes;
    this.#push([1, at, bytes]);
    if (this.#used === bufferBytes) this.flush();
  }

  flush(): void {
    if (this.#rows.length === 0) return;
    // Batches without content use up a buffer too: it is the credit that keeps the queue short.
    this.#buffer ??= this.#nextBuffer();
    const buffer = (this.#begun - 1) % bufferCount;
    this.#post({ kind: "batch", events: JSON.stringify(this.#rows), buffer });
    this.#rows = [];
    this.#buffer = undefined;
    this.#used = 0;
  }

  /** An entry with content never ends a batch: `room` may hold bytes that `filled` has yet to claim. */
  #push(row: EventRow): void {
    this.#rows.push(row);
    const awaitsContent = row[0] === 0 && row[7] > 0;
    if (this.#rows.length >= rowsPerBatch && !awaitsContent) this.flush();
  }

  #nextBuffer(): Uint8Array<SharedArrayBuffer> {
    const { memory, returned } = this.#setup;
    for (;;) {
      const used = Atomics.load(returned, 0);
      if (this.#begun - used < bufferCount) break;
      Atomics.wait(returned, 0, used);
    }
    this.#begun += 1;
    return sharedBuffer(memory, (this.#begun - 1) % bufferCount);
  }
}
