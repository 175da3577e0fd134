import { StorageError } from "../errors.ts";
import { interruptible } from "../interruptible.ts";
import type { Content, StorageProvider, StoredObject } from "../provider.ts";

export interface RefusedWrite {
  readonly key: string;
  readonly content: Content;
}

/**
 * The object that refuses a write with `already-exists`, if it has the very bytes that were to be written; else undefined.
 * After an attempt whose last answer was lost that is what the attempt has made. By a checksum of the place where there is
 * one, else all of it is read back.
 */
export async function alreadyWritten(
  storage: StorageProvider,
  { key, content }: RefusedWrite,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  const found = await find(storage, key, signal);
  if (found === undefined || found.size !== (content.size ?? found.size)) return undefined;
  const isSame =
    (await storage.matches?.(key, content.open, signal)) ??
    (await hasBytes(storage, { key, content }, signal));
  return isSame ? found : undefined;
}

async function find(
  storage: StorageProvider,
  key: string,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  try {
    return await storage.stat(key, signal);
  } catch (error) {
    // What refuses need not be an object.
    if (error instanceof StorageError && error.problem === "not-found") return undefined;
    throw error;
  }
}

async function hasBytes(
  storage: StorageProvider,
  { key, content }: RefusedWrite,
  signal: AbortSignal,
): Promise<boolean> {
  const theirs = new Bytes(await storage.read(key, undefined, signal));
  try {
    for await (const ours of interruptible(content.open(), signal)) {
      if (!(await theirs.continueWith(ours))) return false;
    }
    return await theirs.end();
  } finally {
    await theirs.close();
  }
}

/** Bytes that are compared as they come. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);
  #isOver = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  async continueWith(expected: Uint8Array): Promise<boolean> {
    for (let at = 0; at < expected.length;) {
      if (!(await this.#more())) return false;
      const some = this.#rest.subarray(0, expected.length - at);
      if (!some.equals(expected.subarray(at, at + some.length))) return false;
      this.#rest = this.#rest.subarray(some.length);
      at += some.length;
    }
    return true;
  }

  /** True if nothing is left. */
  async end(): Promise<boolean> {
    return !(await this.#more());
  }

  async close(): Promise<void> {
    if (!this.#isOver) await this.#chunks.return?.();
  }

  async #more(): Promise<boolean> {
    while (this.#rest.length === 0 && !this.#isOver) {
      const next = await this.#chunks.next();
      this.#isOver = next.done === true;
      if (next.done !== true) this.#rest = Buffer.from(next.value);
    }
    return this.#rest.length > 0;
  }
}
