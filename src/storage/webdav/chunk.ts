import { StorageError } from "../errors.ts";
import type { DavClient } from "./dav-client.ts";
import { translating, type Doing } from "./errors.ts";
import type { Upload } from "./upload.ts";
import { wait } from "./wait.ts";

export interface ChunkTools {
  readonly client: DavClient;
  readonly doing: Doing;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Takes all bytes of the chunk; they stay until it is sent. */
  readonly buffer: Buffer;
  /** True if the buffer will surely be filled, so that sending may begin at once. */
  readonly isLengthKnown: boolean;
}

/** Pauses between attempts, in milliseconds. */
const pausesMs = [500, 1000, 2000, 4000, 8000] as const;

/** One chunk on its way. It is sent as it comes, and again from memory if that did not work. */
export class Chunk {
  readonly #tools: ChunkTools;
  readonly #signal: AbortSignal;
  #filled = 0;
  #upload: Upload | undefined;
  /** Whether it is still being sent as it comes. */
  #isLive: boolean;

  constructor(tools: ChunkTools, signal: AbortSignal) {
    this.#tools = tools;
    this.#signal = signal;
    this.#isLive = tools.isLengthKnown;
  }

  get isFull(): boolean {
    return this.#filled === this.#tools.buffer.length;
  }

  /** Takes as many bytes as still fit, and says how many. Rejects if the server will not have the chunk at all. */
  async add(bytes: Uint8Array): Promise<number> {
    const from = this.#filled;
    const used = bytes.subarray(0, this.#tools.buffer.length - from);
    this.#tools.buffer.set(used, from);
    this.#filled += used.length;
    if (this.#isLive) await this.#sendOn(this.#tools.buffer.subarray(from, this.#filled));
    return used.length;
  }

  /** Resolves when the server has the chunk. Tries for a while what may pass. */
  async complete(): Promise<void> {
    if (this.#isLive) {
      const live = this.#upload;
      if (live !== undefined && (await this.#isTaken(() => this.#tools.client.finish(live))))
        return;
    }
    for (const pause of [0, ...pausesMs]) {
      if (pause > 0) await wait(pause, this.#signal);
      if (await this.#isTaken(() => this.#sendWhole())) return;
    }
    await this.#translated(() => this.#sendWhole());
  }

  /** Ends what is being sent. */
  abandon(): void {
    this.#isLive = false;
    this.#upload?.destroy();
  }

  async #sendOn(bytes: Uint8Array): Promise<void> {
    const { client, path, headers, buffer } = this.#tools;
    this.#isLive = await this.#isTaken(async () => {
      this.#upload ??= await client.upload(
        { method: "PUT", path, headers },
        buffer.length,
        this.#signal,
      );
      await this.#upload.write(bytes);
      // An answer before the end is a refusal.
      if (this.#upload.isAnswered && !this.isFull) await client.finish(this.#upload);
    });
    if (!this.#isLive) this.#upload?.destroy();
  }

  async #sendWhole(): Promise<void> {
    const { client, path, headers, buffer } = this.#tools;
    const body = buffer.subarray(0, this.#filled);
    await client.call({ method: "PUT", path, headers, body }, [200, 201, 204], this.#signal);
  }

  /** False if it failed in a way that may pass; any other failure rejects. */
  async #isTaken(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await this.#translated(work);
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.worthRetrying) return false;
      throw error;
    }
  }

  async #translated(work: () => Promise<unknown>): Promise<void> {
    await translating({ ...this.#tools.doing, sending: true }, this.#signal, work);
  }
}
