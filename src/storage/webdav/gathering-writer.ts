import { checkPatch } from "../check-patch.ts";
import type { ObjectWriter, StoredObject } from "../provider.ts";
import { WriterState } from "./writer-state.ts";

export interface Gathering {
  readonly key: string;
  /** Most bytes that are kept. */
  readonly limit: number;
  /** Stores an object of no more bytes than that. */
  whole(bytes: Uint8Array): Promise<StoredObject>;
  /** Begins an object of more bytes than that. */
  open(): Promise<ObjectWriter>;
}

/** Keeps the bytes of an object until they are all there, or too many: small objects need fewer requests. */
export class GatheringWriter implements ObjectWriter {
  readonly patch = "none";
  readonly #gathering: Gathering;
  readonly #state: WriterState;
  #chunks: Buffer[] = [];
  #size = 0;
  #writer: ObjectWriter | undefined;

  constructor(gathering: Gathering, signal: AbortSignal) {
    this.#gathering = gathering;
    this.#state = new WriterState(gathering.key, signal);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#state.check();
    this.#size += bytes.length;
    if (this.#writer !== undefined) return this.#writer.write(bytes);
    this.#chunks.push(Buffer.from(bytes));
    if (this.#size <= this.#gathering.limit) return;
    const writer = await this.#gathering.open();
    this.#writer = writer;
    for (const chunk of this.#chunks.splice(0)) await writer.write(chunk);
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
    const stored = await (this.#writer?.commit() ??
      this.#gathering.whole(Buffer.concat(this.#chunks.splice(0), this.#size)));
    this.#state.commit();
    return stored;
  }

  async abort(): Promise<void> {
    if (!this.#state.abort()) return;
    this.#chunks = [];
    await this.#writer?.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }
}
