import { StorageError } from "../errors.ts";
import { checkPatch } from "../check-patch.ts";
import type { ObjectWriter, Patch, StoredObject } from "../provider.ts";

/** What a writer needs of the storage that it belongs to. */
export interface MemoryPlace {
  /** Throws `full` unless an object of that many bytes fits. */
  checkRoom(bytes: number): void;
  store(bytes: Uint8Array): StoredObject;
}

/** An object that grows in memory. */
export class MemoryWriter implements ObjectWriter {
  readonly patch: Patch;
  readonly #signal: AbortSignal;
  readonly #place: MemoryPlace;
  #bytes = new Uint8Array(1024);
  #size = 0;
  #heldFrom = 0;
  #ended = false;

  constructor(patch: Patch, signal: AbortSignal, place: MemoryPlace) {
    this.patch = patch;
    this.#signal = signal;
    this.#place = place;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    this.#place.checkRoom(this.#size + bytes.length);
    this.#grow(this.#size + bytes.length);
    this.#bytes.set(bytes, this.#size);
    this.#size += bytes.length;
  }

  async patchAt(offset: number, bytes: Uint8Array): Promise<void> {
    this.#check();
    const { patch } = this;
    checkPatch({ patch, heldFrom: this.#heldFrom, size: this.#size, offset, length: bytes.length });
    this.#bytes.set(bytes, offset);
  }

  holdFrom(offset: number): void {
    this.#heldFrom = Math.max(this.#heldFrom, offset);
  }

  async commit(): Promise<StoredObject> {
    this.#check();
    const object = this.#place.store(this.#bytes.slice(0, this.#size));
    this.#end();
    return object;
  }

  async abort(): Promise<void> {
    this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #check(): void {
    this.#signal.throwIfAborted();
    if (this.#ended) throw new StorageError("unsupported", "This object is closed already");
  }

  #end(): void {
    this.#ended = true;
    this.#bytes = new Uint8Array(0);
  }

  #grow(size: number): void {
    if (size <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(size, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
