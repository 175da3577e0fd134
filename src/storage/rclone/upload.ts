import { setTimeout as pause } from "node:timers/promises";
import { settledOrAborted } from "../interruptible.ts";
import { BodyServer } from "./body-server.ts";

/** Lets rclone store what it finds at an address. Ends when the place has all of it. */
export type FetchFrom = (url: string, signal: AbortSignal) => Promise<void>;

/** Bytes on their way through rclone to one path. */
export class Upload {
  readonly #body: BodyServer;
  readonly #signal: AbortSignal;
  readonly #giveUp = new AbortController();
  /** Ends when the place has taken everything; rejects with the reason why not. */
  readonly #storing: Promise<void>;

  private constructor(body: BodyServer, signal: AbortSignal, fetchFrom: FetchFrom) {
    this.#body = body;
    this.#signal = signal;
    this.#storing = fetchFrom(body.url, this.#giveUp.signal);
    // Who waits for bytes to be taken then hears that they are not.
    const close = (): void => body.close();
    this.#storing.then(close, close);
  }

  /** @param size bytes that will come, if known */
  static async start(
    fetchFrom: FetchFrom,
    size: number | undefined,
    signal: AbortSignal,
  ): Promise<Upload> {
    return new Upload(await BodyServer.listen(size), signal, fetchFrom);
  }

  /** The bytes may be reused once this has resolved. Rejects as soon as the place does not take any more. */
  async send(bytes: Uint8Array): Promise<void> {
    await this.#orReason(this.#body.send(bytes));
  }

  /** Resolves when the place has everything. */
  async finish(): Promise<void> {
    await this.#orReason(this.#body.end());
    await settledOrAborted(this.#storing, this.#signal);
  }

  /**
   * Breaks off and waits until rclone has noticed, for some seconds: what it then leaves can be removed.
   * @returns true if the place had taken everything all the same
   */
  async cancel(): Promise<boolean> {
    this.#body.close();
    const stored = this.#storing.then(
      () => true,
      () => false,
    );
    const late = pause(patienceInMs, undefined, { ref: false }).then(() => undefined);
    const soon = await Promise.race([stored, late]);
    if (soon !== undefined) return soon;
    this.#giveUp.abort();
    return stored;
  }

  /** If bytes are not taken, rclone is about to say why. */
  async #orReason(work: Promise<void>): Promise<void> {
    try {
      await settledOrAborted(work, this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      const late = pause(patienceInMs, undefined, { ref: false });
      await Promise.race([this.#storing, late]);
      throw error;
    }
  }
}

const patienceInMs = 2000;
