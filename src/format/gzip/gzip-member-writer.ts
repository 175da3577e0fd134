import { chunkSize } from "./chunk.ts";
import { combineCrc32 } from "./crc32-combine.ts";
import type { ChunkSlot } from "./chunk-slot.ts";
import type { CompressedChunk, DeflatePool } from "./deflate-pool.ts";
import { gzipHeader } from "./gzip-header.ts";

export interface GzipMemberOptions {
  /**
   * Takes the compressed bytes, called in order and never before the last call has settled. The bytes
   * are lent: they are overwritten after the returned promise has settled.
   */
  readonly emit: (bytes: Uint8Array) => void | Promise<void>;
  /** FNAME of the header; see `gzipHeader`. */
  readonly fileName?: string;
}

export interface GzipMemberResult {
  /** Of the uncompressed bytes. */
  readonly crc32: number;
  /** Uncompressed bytes. */
  readonly size: number;
  /** Bytes emitted. */
  readonly compressedSize: number;
}

/** An empty final block with fixed codes: the chunks before it end at a byte border. */
const finalBlock = [0x03, 0x00];

/**
 * Writes one gzip member (RFC 1952) from chunks compressed in parallel (docs/format.md, section 7).
 * Never more than one: the official reader of encrypted archives stops after the first.
 *
 * Chunks in flight are bounded by two for each thread of the pool and one, so memory is, whatever the
 * speed of `emit`. Compression goes on while `emit` waits.
 */
export class GzipMemberWriter {
  /** Where the compressed bytes of each chunk begin in the member; complete after `end`. */
  readonly chunkStarts: number[] = [];
  readonly #pool: DeflatePool;
  readonly #emit: GzipMemberOptions["emit"];
  readonly #maxInFlight: number;
  #inFlight = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #slot: ChunkSlot | undefined;
  #filled = 0;
  /** Settles when all chunks handed over so far are emitted; never rejects. */
  #delivered: Promise<void>;
  #failure: { readonly error: unknown } | undefined;
  #crc32 = 0;
  #size = 0;
  #compressedSize = 0;

  constructor(pool: DeflatePool, options: GzipMemberOptions) {
    this.#pool = pool;
    this.#emit = options.emit;
    this.#maxInFlight = 2 * pool.threads + 1;
    this.#delivered = this.#guarded(() => this.#put(gzipHeader(options.fileName)));
  }

  /**
   * Takes a copy of the bytes. Returns a promise only when the caller has to wait, in which case the
   * bytes must stay as they are until it settles: `const wait = w.write(b); if (wait) await wait;`
   */
  write(bytes: Uint8Array): Promise<void> | void {
    let taken = 0;
    while (taken < bytes.length) {
      if (this.#mustWait()) return this.#writeLater(bytes.subarray(taken));
      taken += this.#fill(bytes, taken);
    }
    if (this.#failure !== undefined) return this.#writeLater(bytes.subarray(taken));
  }

  /** Finishes the member. Call once. Rejects with the first error of `emit` or of compression. */
  async end(): Promise<GzipMemberResult> {
    if (this.#filled > 0) this.#submit();
    await this.#delivered;
    this.#throwFailure();
    await this.#put(this.#trailer());
    return { crc32: this.#crc32, size: this.#size, compressedSize: this.#compressedSize };
  }

  async #writeLater(bytes: Uint8Array): Promise<void> {
    this.#throwFailure();
    while (this.#mustWait()) {
      this.#room ??= Promise.withResolvers();
      await this.#room.promise;
      this.#throwFailure();
    }
    await this.write(bytes);
  }

  #mustWait(): boolean {
    return this.#failure !== undefined || this.#inFlight >= this.#maxInFlight;
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Copies what fits into the chunk being filled and returns how much that was. */
  #fill(bytes: Uint8Array, from: number): number {
    this.#slot ??= this.#pool.takeSlot();
    const length = Math.min(bytes.length - from, chunkSize - this.#filled);
    const whole = from === 0 && length === bytes.length;
    this.#slot.input.set(whole ? bytes : bytes.subarray(from, from + length), this.#filled);
    this.#filled += length;
    if (this.#filled === chunkSize) this.#submit();
    return length;
  }

  #submit(): void {
    if (this.#slot === undefined) throw new TypeError("There is no chunk to hand over");
    const compressed = this.#pool.compress(this.#slot, this.#filled);
    this.#slot = undefined;
    this.#filled = 0;
    this.#inFlight += 1;
    this.#delivered = this.#deliver(this.#delivered, compressed);
  }

  async #deliver(earlier: Promise<void>, compressed: Promise<CompressedChunk>): Promise<void> {
    await this.#guarded(async () => {
      // Together, so that a thread that fails is noticed while an earlier chunk is being emitted.
      const [chunk] = await Promise.all([compressed, earlier]);
      if (this.#failure === undefined) await this.#putChunk(chunk);
      chunk.release();
    });
    // After an error of compression the earlier chunks may still be on their way out.
    await earlier;
    this.#inFlight -= 1;
    this.#room?.resolve();
    this.#room = undefined;
  }

  async #putChunk(chunk: CompressedChunk): Promise<void> {
    this.chunkStarts.push(this.#compressedSize);
    this.#crc32 = combineCrc32(this.#crc32, chunk.crc32, chunk.size);
    this.#size += chunk.size;
    await this.#put(chunk.bytes);
  }

  async #put(bytes: Uint8Array): Promise<void> {
    this.#compressedSize += bytes.length;
    await this.#emit(bytes);
  }

  /** Runs a task unless an earlier one failed, and keeps the first failure for `write` and `end`. */
  async #guarded(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #trailer(): Uint8Array {
    const bytes = new Uint8Array(finalBlock.length + 8);
    const view = new DataView(bytes.buffer);
    bytes.set(finalBlock);
    view.setUint32(2, this.#crc32, true);
    view.setUint32(6, this.#size % 2 ** 32, true);
    return bytes;
  }
}
