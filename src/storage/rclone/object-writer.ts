import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import type { Upload } from "./upload.ts";

/** What a writer needs of the place that it belongs to. */
export interface RclonePlace {
  /** Begins an upload to where the bytes grow; the size if it is known. */
  begin(size: number | undefined): Promise<Upload>;
  /** Waits until the place has all of it. */
  finish(upload: Upload): Promise<void>;
  /** Makes the object of what grew: whole, of that many bytes. */
  publish(size: number): Promise<StoredObject>;
  /** Removes what grew. @param stored true if all of it had arrived */
  discard(stored: boolean): Promise<void>;
}

export interface RcloneWriterOptions {
  readonly key: string;
  /** Bytes that will come, if known. */
  readonly size: number | undefined;
}

/** An object on its way through rclone. Small pieces are gathered; a small object is sent when it is whole. */
export class RcloneWriter implements ObjectWriter {
  readonly patch = "none";
  readonly #place: RclonePlace;
  readonly #options: RcloneWriterOptions;
  readonly #signal: AbortSignal;
  readonly #pending = Buffer.allocUnsafeSlow(gatherBytes);
  #pendingBytes = 0;
  #size = 0;
  #upload: Upload | undefined;
  #state: "open" | "committed" | "aborted" = "open";

  constructor(place: RclonePlace, options: RcloneWriterOptions, signal: AbortSignal) {
    this.#place = place;
    this.#options = options;
    this.#signal = signal;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    const { size: announced, key } = this.#options;
    this.#size += bytes.length;
    if (announced !== undefined && this.#size > announced)
      throw otherLength(key, announced, this.#size);
    if (this.#pendingBytes + bytes.length > gatherBytes) await this.#flush(announced);
    if (bytes.length > gatherBytes) await this.#upload?.send(bytes);
    else {
      this.#pending.set(bytes, this.#pendingBytes);
      this.#pendingBytes += bytes.length;
    }
  }

  async patchAt(offset: number, { length }: Uint8Array): Promise<void> {
    this.#check();
    checkPatch({ patch: "none", heldFrom: 0, size: this.#size, offset, length });
  }

  holdFrom(): void {
    this.#check();
  }

  async commit(): Promise<StoredObject> {
    this.#check();
    const { size: announced, key } = this.#options;
    if (announced !== undefined && this.#size !== announced)
      throw otherLength(key, announced, this.#size);
    await this.#flush(this.#upload === undefined ? this.#size : announced);
    if (this.#upload !== undefined) await this.#place.finish(this.#upload);
    this.#signal.throwIfAborted();
    const stored = await this.#place.publish(this.#size);
    this.#state = "committed";
    return stored;
  }

  async abort(): Promise<void> {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    if (this.#upload === undefined) return;
    await this.#place.discard(await this.#upload.cancel());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  #check(): void {
    this.#signal.throwIfAborted();
    if (this.#state === "open") return;
    const { key } = this.#options;
    throw new StorageError("unsupported", `${key} is ${this.#state} already`, { key });
  }

  /** @param size of the whole, if known */
  async #flush(size: number | undefined): Promise<void> {
    this.#upload ??= await this.#place.begin(size);
    if (this.#pendingBytes === 0) return;
    await this.#upload.send(this.#pending.subarray(0, this.#pendingBytes));
    this.#pendingBytes = 0;
  }
}

const gatherBytes = 256 * 1024;

function otherLength(key: string, expectedBytes: number, actualBytes: number): StorageError {
  return new StorageError("damaged", `The body has ${actualBytes} bytes, not ${expectedBytes}`, {
    key,
    facts: { expectedBytes, actualBytes },
  });
}
