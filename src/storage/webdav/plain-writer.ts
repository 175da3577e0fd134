import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import { translating } from "./errors.ts";
import { isLocked, type WebdavPlace } from "./place.ts";
import { publish } from "./publish.ts";
import { release, takeTemporaryName } from "./temporary-name.ts";
import type { Upload } from "./upload.ts";
import { WriterState } from "./writer-state.ts";

export interface WriteOrder {
  readonly key: string;
  readonly overwrite: boolean;
  /** Bytes that will come; undefined: nobody knows. */
  readonly size: number | undefined;
  /** True if the server keeps the old object until a PUT to its name is whole; then that is what is done. */
  readonly replaces?: boolean;
}

/** Small pieces are gathered up to so many bytes. */
const gatherBytes = 128 * 1024;

/** One PUT, mostly to a temporary name, and then a MOVE: how any WebDAV server can be written to. */
export class PlainWriter implements ObjectWriter {
  readonly patch = "none";
  readonly #place: WebdavPlace;
  readonly #order: WriteOrder;
  readonly #signal: AbortSignal;
  readonly #upload: Upload;
  /** Undefined if it goes to its own name at once. */
  readonly #temporary: string | undefined;
  readonly #state: WriterState;
  readonly #gathered = Buffer.allocUnsafeSlow(gatherBytes);
  #gatheredBytes = 0;
  #size = 0;

  private constructor(
    place: WebdavPlace,
    begun: {
      readonly order: WriteOrder;
      readonly temporary: string | undefined;
      readonly upload: Upload;
    },
    signal: AbortSignal,
  ) {
    this.#place = place;
    this.#order = begun.order;
    this.#temporary = begun.temporary;
    this.#upload = begun.upload;
    this.#signal = signal;
    this.#state = new WriterState(begun.order.key, signal);
  }

  /** Begins to send. Rejects with what the server says to it before the first byte, such as a `Refusal` of 411. */
  static async begin(
    place: WebdavPlace,
    order: WriteOrder,
    signal: AbortSignal,
  ): Promise<PlainWriter> {
    const { key, size, replaces = false } = order;
    // Of unknown length a body that is cut might be taken for a whole one.
    const temporary = replaces && size !== undefined ? undefined : takeTemporaryName();
    try {
      const upload = await place.inFolderOf(key, signal, async () => {
        const put = putOf(place.pathBeside(key, temporary));
        const begun = await place.client.upload(put, size, signal);
        if (begun.isAnswered) await place.client.finish(begun);
        return begun;
      });
      return new PlainWriter(place, { order, temporary, upload }, signal);
    } catch (error) {
      await dropTemporary(place, key, temporary);
      throw error;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#state.check();
    this.#size += bytes.length;
    if (this.#size > (this.#order.size ?? Infinity)) throw this.#otherLength();
    if (this.#gatheredBytes + bytes.length <= gatherBytes) {
      this.#gathered.set(bytes, this.#gatheredBytes);
      this.#gatheredBytes += bytes.length;
      return;
    }
    await this.#flush();
    await this.#send(bytes);
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
    const { key, overwrite, size = this.#size } = this.#order;
    if (size !== this.#size) throw this.#otherLength();
    await this.#flush();
    await this.#finish();
    // Not every server heeds `Overwrite: F`, and much may have happened since the beginning.
    if (!overwrite) await this.#place.checkAbsent(key, this.#signal);
    const from = this.#place.pathBeside(key, this.#temporary);
    const stored = await publish(this.#place, { key, from, overwrite, size }, this.#signal);
    this.#state.commit();
    if (this.#temporary !== undefined) release(this.#temporary);
    return stored;
  }

  async abort(): Promise<void> {
    if (!this.#state.abort()) return;
    this.#upload.destroy();
    await dropTemporary(this.#place, this.#order.key, this.#temporary);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #flush(): Promise<void> {
    const bytes = this.#gathered.subarray(0, this.#gatheredBytes);
    this.#gatheredBytes = 0;
    await this.#send(bytes);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    await this.#upload.write(bytes);
    if (!this.#upload.isAnswered) return;
    await this.#finish();
    throw this.#otherLength();
  }

  async #finish(): Promise<void> {
    const doing = { ...this.#place.doing(this.#order.key), sending: true };
    await translating(doing, this.#signal, () => this.#place.client.finish(this.#upload));
  }

  #otherLength(): StorageError {
    const { key, size } = this.#order;
    const message = `The body of ${key} has ${this.#size} bytes, not ${size ?? "as many as the server took"}`;
    return new StorageError("damaged", message, { key });
  }
}

/** A PUT of bytes that nothing else is to be made of. */
export function putOf(path: string) {
  return { method: "PUT", path, headers: { "content-type": "application/octet-stream" } };
}

/** How long may be spent on tidying up. */
export const tidyMs = 3000;

/**
 * Removes an unfinished object as far as the server lets us; what stays is a leftover. A server may notice only after
 * our DELETE that the rest of a body will not come, and keep what it has, or hold a lock on it until then; so one that
 * was not there, or locked, is looked for again.
 */
export async function dropTemporary(
  place: WebdavPlace,
  key: string,
  temporary: string | undefined,
): Promise<void> {
  if (temporary === undefined) return;
  release(temporary);
  const signal = AbortSignal.timeout(tidyMs);
  const path = place.pathBeside(key, temporary);
  let wasLocked = false;
  for (const pauseMs of [0, 150, 500, 1500]) {
    if (pauseMs === 1500 && !wasLocked) return;
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      if (await place.client.delete(path, signal)) return;
    } catch (error) {
      // Why the object is given up is what counts, and is told. Nobody sees what stays, and `removeLeftovers` finds it.
      if (!isLocked(error)) return;
      wasLocked = true;
    }
  }
}
