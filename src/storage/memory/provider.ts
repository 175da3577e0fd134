import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import { interruptible } from "../interruptible.ts";
import { checkKey, checkPrefix } from "../key.ts";
import type {
  ByteRange,
  Content,
  FreeSpace,
  Leftover,
  ObjectWriter,
  Patch,
  StorageFeatures,
  StorageProvider,
  StoredObject,
  WriteOptions,
} from "../provider.ts";
import { rangeSource } from "../range-source.ts";
import { writeContent } from "../write-content.ts";
import { MemoryWriter } from "./object-writer.ts";

export interface MemoryStorageOptions {
  /** How its writers can be patched; `seek` if not given. Lets tests stand in for any place. */
  readonly patch?: Patch;
  /** Bytes of all objects together; a writer that goes beyond gets `full`. */
  readonly capacity?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Objects in memory, for tests and trials. They are gone with the process. */
export class MemoryStorage implements StorageProvider {
  readonly kind = "memory";
  readonly features: StorageFeatures;
  readonly #objects = new Map<
    string,
    { readonly bytes: Uint8Array; readonly object: StoredObject }
  >();
  readonly #unfinished = new Map<string, Uint8Array[]>();
  readonly #capacity: number;
  readonly #now: () => number;
  #writes = 0;

  constructor(options: MemoryStorageOptions = {}) {
    const patch = options.patch ?? "seek";
    this.features = {
      patch,
      exclusiveCreate: true,
      freeSpace: true,
      flaky: false,
      longestName: 1024,
      resumable: true,
    };
    this.#capacity = options.capacity ?? Number.MAX_SAFE_INTEGER;
    this.#now = options.now ?? Date.now;
  }

  async write(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    if (content.resume !== undefined) return this.#goOn(key, content, signal);
    return writeContent(await this.openWrite(key, content, signal), content, signal);
  }

  async discard(key: string): Promise<void> {
    this.#unfinished.delete(key);
  }

  async #goOn(key: string, content: Content, signal: AbortSignal): Promise<StoredObject> {
    checkKey(key);
    signal.throwIfAborted();
    this.#checkAbsent(key, content);
    this.#checkRoom(content.size ?? 0, key);
    const { resume } = content;
    const chunks = resume?.state === known ? (this.#unfinished.get(key) ?? []) : [];
    this.#unfinished.set(key, chunks);
    await resume?.keep(known);
    const from = chunks.reduce((sum, { length }) => sum + length, 0);
    for await (const chunk of interruptible(content.open(from), signal))
      chunks.push(Uint8Array.from(chunk));
    this.#unfinished.delete(key);
    const bytes = Buffer.concat(chunks);
    if (content.size !== undefined && bytes.length !== content.size)
      throw new StorageError("damaged", `${key} has another length than announced`, { key });
    return this.#store(key, bytes);
  }

  async openWrite(key: string, options: WriteOptions, signal: AbortSignal): Promise<ObjectWriter> {
    checkKey(key);
    signal.throwIfAborted();
    this.#checkAbsent(key, options);
    this.#checkRoom(options.size ?? 0, key);
    return new MemoryWriter(this.features.patch, signal, {
      checkRoom: (bytes) => this.#checkRoom(bytes, key),
      store: (bytes) => {
        this.#checkAbsent(key, options);
        return this.#store(key, bytes);
      },
    });
  }

  async read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    signal.throwIfAborted();
    const { bytes } = this.#get(key);
    const from = range?.offset ?? 0;
    const length = range?.length ?? bytes.length;
    return chunksOf(bytes.subarray(from, from + length), signal);
  }

  async open(key: string, signal: AbortSignal): Promise<ByteSource> {
    return rangeSource(this, key, signal);
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject> {
    signal.throwIfAborted();
    return this.#get(key).object;
  }

  async *list(prefix: string, signal: AbortSignal): AsyncIterable<readonly StoredObject[]> {
    checkPrefix(prefix);
    signal.throwIfAborted();
    yield Array.from(this.#objects.values(), ({ object }) => object).filter(
      ({ key }) => key.startsWith(prefix) && !key.includes("/", prefix.length),
    );
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    checkKey(key);
    signal.throwIfAborted();
    this.#objects.delete(key);
  }

  async freeSpace(signal: AbortSignal): Promise<FreeSpace> {
    signal.throwIfAborted();
    return { freeBytes: this.#capacity - this.#used(), totalBytes: this.#capacity };
  }

  /** Unfinished objects of this process are all that there can be, and they are not stored anywhere. */
  async removeLeftovers(signal: AbortSignal): Promise<readonly Leftover[]> {
    signal.throwIfAborted();
    return [];
  }

  #get(key: string): { readonly bytes: Uint8Array; readonly object: StoredObject } {
    checkKey(key);
    const found = this.#objects.get(key);
    if (found === undefined) throw new StorageError("not-found", `There is no ${key}`, { key });
    return found;
  }

  #checkAbsent(key: string, options: WriteOptions): void {
    if (options.overwrite === true || !this.#objects.has(key)) return;
    throw new StorageError("already-exists", `There is a ${key} already`, { key });
  }

  #checkRoom(neededBytes: number, key: string): void {
    const freeBytes = this.#capacity - this.#used();
    if (neededBytes <= freeBytes) return;
    const message = `${neededBytes} bytes do not fit into ${freeBytes} bytes of free space`;
    throw new StorageError("full", message, { key, facts: { neededBytes, freeBytes } });
  }

  #used(): number {
    let used = 0;
    for (const { bytes } of this.#objects.values()) used += bytes.length;
    return used;
  }

  #store(key: string, bytes: Uint8Array): StoredObject {
    this.#writes += 1;
    const version = String(this.#writes);
    const object = { key, size: bytes.length, modifiedAt: this.#now(), version };
    this.#objects.set(key, { bytes, object });
    return object;
  }
}

/** All that there is to keep of an upload: that it was begun here. */
const known = "begun";

async function* chunksOf(bytes: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const chunkSize = 64 * 1024;
  for (let at = 0; at < bytes.length; at += chunkSize) {
    signal.throwIfAborted();
    yield bytes.slice(at, at + chunkSize);
  }
}
