import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import { PieceWriter } from "./piece-writer.ts";
import type { SmbFile } from "./protocol/file.ts";
import { goesWhenClosed } from "./protocol/file-changes.ts";
import { publish, type Publication } from "./publish.ts";

const cleaningUpInMs = 3000;

/**
 * A file under a temporary name until it is whole. Until then the server removes it when it is closed, also when the
 * connection breaks, so that nothing is left of a writer that dies.
 */
export class SmbWriter implements ObjectWriter {
  readonly patch = "seek";
  readonly #file: SmbFile;
  readonly #publication: Publication;
  readonly #signal: AbortSignal;
  readonly #pieces: PieceWriter;
  #state: "open" | "committed" | "aborted" = "open";

  private constructor(file: SmbFile, publication: Publication, signal: AbortSignal) {
    this.#file = file;
    this.#publication = publication;
    this.#signal = signal;
    this.#pieces = new PieceWriter(file, 0, signal);
  }

  /** @param file empty, open under its temporary name, and for nobody else */
  static async begin(
    file: SmbFile,
    publication: Publication,
    signal: AbortSignal,
  ): Promise<SmbWriter> {
    const writer = new SmbWriter(file, publication, signal);
    try {
      await goesWhenClosed(file, true, signal);
      return writer;
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#attempt(() => this.#pieces.write(bytes));
  }

  patchAt(offset: number, bytes: Uint8Array): Promise<void> {
    return this.#attempt(async () => {
      const { size } = this.#pieces;
      checkPatch({ patch: "seek", heldFrom: 0, size, offset, length: bytes.length });
      await this.#pieces.patch(offset, bytes);
    });
  }

  /** Every byte of a file can be rewritten at any time, so there is nothing to let go. */
  holdFrom(): void {
    this.#check();
  }

  commit(): Promise<StoredObject> {
    return this.#attempt(async () => {
      await this.#pieces.drain();
      await this.#file.flush(this.#signal);
      this.#signal.throwIfAborted();
      await goesWhenClosed(this.#file, false, this.#signal);
      const stored = await publish(this.#file, this.#publication, this.#signal);
      this.#state = "committed";
      return stored;
    });
  }

  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    await discard(this.#file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#publication.translating(async () => {
      this.#check();
      return work();
    });
  }

  #check(): void {
    this.#signal.throwIfAborted();
    if (this.#state === "open") return;
    const { key } = this.#publication;
    throw new StorageError("unsupported", `${key} is ${this.#state} already`, { key });
  }
}

/**
 * Closes an unfinished file so that it is gone. Never rejects: where the server does not do it now, it does when the
 * connection ends, and what it keeps all the same is a leftover.
 */
export async function discard(file: SmbFile): Promise<void> {
  const limit = AbortSignal.timeout(cleaningUpInMs);
  await goesWhenClosed(file, true, limit).catch(() => undefined);
  await file.close(limit).catch(() => undefined);
  if (limit.aborted) file.connection.end();
}
