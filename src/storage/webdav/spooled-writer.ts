import { randomBytes } from "node:crypto";
import { mkdir, open, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { checkPatch } from "../check-patch.ts";
import { StorageError } from "../errors.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import { WriterState } from "./writer-state.ts";

export interface SpoolOrder {
  readonly key: string;
  /** Folder of this machine; made if it is missing. */
  readonly folder: string;
  /** Sends the whole body, whose length is known by now. */
  send(body: () => AsyncIterable<Uint8Array>, size: number): Promise<StoredObject>;
}

/** For servers that want to know the length of a body beforehand: it waits in a file of this machine. */
export class SpooledWriter implements ObjectWriter {
  readonly patch = "none";
  readonly #order: SpoolOrder;
  readonly #file: FileHandle;
  readonly #state: WriterState;
  #size = 0;

  private constructor(order: SpoolOrder, file: FileHandle, signal: AbortSignal) {
    this.#order = order;
    this.#file = file;
    this.#state = new WriterState(order.key, signal);
  }

  static async begin(order: SpoolOrder, signal: AbortSignal): Promise<SpooledWriter> {
    const { folder, key } = order;
    const file = await onDisk(key, async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const path = join(folder, `safehouse-${randomBytes(8).toString("hex")}.spool`);
      const opened = await open(path, "wx+", 0o600);
      // Without a name it is gone with this process, however that ends.
      await unlink(path);
      return opened;
    });
    return new SpooledWriter(order, file, signal);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#state.check();
    await onDisk(this.#order.key, async () => {
      for (let done = 0; done < bytes.length;) {
        const at = this.#size + done;
        done += (await this.#file.write(bytes, done, bytes.length - done, at)).bytesWritten;
      }
    });
    this.#size += bytes.length;
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
    const stored = await this.#order.send(() => this.#body(), this.#size);
    this.#state.commit();
    await this.#file.close();
    return stored;
  }

  async abort(): Promise<void> {
    if (this.#state.abort()) await this.#file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async *#body(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = 0; at < this.#size;) {
      const { bytesRead, buffer } = await this.#file.read(
        Buffer.allocUnsafe(readBytes),
        0,
        readBytes,
        at,
      );
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

const readBytes = 256 * 1024;

async function onDisk<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const isFull = error.code === "ENOSPC" || error.code === "EDQUOT";
    const message = `${key} cannot wait in the folder named by spool on this machine (${String(error.code)})`;
    throw new StorageError(isFull ? "full" : "denied", message, { key, cause: error });
  }
}
