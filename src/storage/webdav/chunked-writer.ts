import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import type { Chunk } from "./chunk.ts";
import { chunkLength, growingChunkLength, oneAtATime } from "./chunk-sizes.ts";
import type { ChunkedTarget, ChunkedUpload } from "./chunked-upload.ts";
import { translating } from "./errors.ts";
import { WriterState } from "./writer-state.ts";

export interface ChunkedWriting {
  readonly target: ChunkedTarget;
  readonly upload: ChunkedUpload;
  /** Bytes that are there already, in whole chunks. */
  readonly from: number;
  /** Version of the object that is replaced; null if there was none. */
  readonly replaced: string | null;
  /** True if what was confirmed is to stay when this comes to nothing. */
  readonly isKept: boolean;
  /** Told before the server is asked to put the chunks together. */
  readonly beforeAssembly?: () => Promise<void>;
}

/** Bytes as numbered chunks. While one is being confirmed the next is on its way. */
export class ChunkedWriter implements ObjectWriter {
  readonly patch = "none";
  readonly #writing: ChunkedWriting;
  readonly #state: WriterState;
  readonly #end = new AbortController();
  readonly #signal: AbortSignal;
  #number: number;
  #size: number;
  #current: Chunk | undefined;
  #currentBuffer: Buffer = Buffer.alloc(0);
  #previous: Promise<void> = Promise.resolve();
  #spare: Buffer | undefined;

  constructor(writing: ChunkedWriting, signal: AbortSignal) {
    const { target, from } = writing;
    this.#writing = writing;
    this.#state = new WriterState(target.key, signal);
    this.#signal = AbortSignal.any([signal, this.#end.signal]);
    this.#size = from;
    this.#number = from === 0 ? 0 : Math.ceil(from / (chunkLength(target.size ?? 0) ?? from));
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#state.check();
    if (this.#size + bytes.length > (this.#writing.target.size ?? Infinity)) {
      throw this.#otherLength(this.#size + bytes.length);
    }
    await this.#attempt(async () => {
      for (let at = 0; at < bytes.length;) {
        this.#current ??= await this.#next();
        const added = await this.#current.add(bytes.subarray(at));
        at += added;
        this.#size += added;
        if (this.#current.isFull) await this.#completeCurrent();
      }
    });
  }

  async patchAt(offset: number, bytes: Uint8Array): Promise<void> {
    checkPatch({ patch: "none", heldFrom: 0, size: this.#size, offset, length: bytes.length });
  }

  /** Nothing is held that could be let go. */
  holdFrom(): void {
    this.#state.check();
  }

  async commit(): Promise<StoredObject> {
    this.#state.check();
    const { target, upload, replaced, beforeAssembly } = this.#writing;
    if (target.size !== undefined && target.size !== this.#size)
      throw this.#otherLength(this.#size);
    const stored = await this.#attempt(async () => {
      if (this.#current !== undefined) await this.#completeCurrent();
      await this.#previous;
      this.#spare = undefined;
      await beforeAssembly?.();
      return upload.assemble({ size: this.#size, replaced }, this.#signal);
    });
    this.#state.commit();
    return stored;
  }

  async abort(): Promise<void> {
    if (!this.#state.abort()) return;
    this.#current?.abandon();
    if (!this.#writing.isKept) this.#end.abort(new Error("The upload was given up"));
    // Whether the last whole chunk still arrives is seen when the upload is gone on with.
    await this.#previous.catch(() => undefined);
    if (!this.#writing.isKept) await this.#writing.upload.drop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #next(): Promise<Chunk> {
    const { target, upload } = this.#writing;
    this.#number += 1;
    const length =
      target.size === undefined
        ? growingChunkLength(this.#number)
        : Math.min(chunkLength(target.size) ?? 0, target.size - this.#size);
    if (length === undefined || length === 0) throw tooLarge(target.key);
    this.#currentBuffer =
      this.#spare !== undefined && this.#spare.length >= length
        ? this.#spare
        : Buffer.allocUnsafeSlow(length);
    this.#spare = undefined;
    return upload.chunk(this.#number, this.#currentBuffer.subarray(0, length), this.#signal);
  }

  async #completeCurrent(): Promise<void> {
    const chunk = this.#current;
    const buffer = this.#currentBuffer;
    this.#current = undefined;
    await this.#previous;
    this.#previous = (chunk?.complete() ?? Promise.resolve()).then(() => {
      this.#spare = buffer;
    });
    // It is told by the next call, or by nobody if there is none.
    this.#previous.catch(() => undefined);
    if (buffer.length > oneAtATime) await this.#previous;
  }

  /** A step; a chunk that has no folder any more means that the server has dropped the upload. */
  async #attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    const { key, place } = this.#writing.target;
    try {
      return await translating({ ...place.doing(key), sending: true }, this.#signal, work);
    } catch (error) {
      if (!(error instanceof StorageError && error.problem === "not-found")) throw error;
      const message = `${key}: ${place.client.host} has dropped the upload; it has to begin anew`;
      throw new StorageError("unreachable", message, { key, cause: error });
    }
  }

  #otherLength(actual: number): StorageError {
    const { key, size } = this.#writing.target;
    const message = `The body of ${key} has ${actual} bytes, not ${size ?? actual}`;
    return new StorageError("damaged", message, { key });
  }
}

/** More bytes than chunks of the largest size can hold. */
export function tooLarge(key: string): StorageError {
  return new StorageError("too-large", `${key} is too large for an upload in chunks`, { key });
}
