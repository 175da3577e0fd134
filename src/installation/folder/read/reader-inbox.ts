import type { SafehouseError } from "#core/model/problem.ts";
import type { ReaderMessage } from "./reader-protocol.ts";

/** What a reader's thread has said and nobody has asked for yet. */
export class ReaderInbox {
  readonly #messages: ReaderMessage[] = [];
  #error: SafehouseError | undefined;
  #wake: (() => void) | undefined;

  put(message: ReaderMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  /** The first failure counts, after what has come before it or `at once`. */
  fail(error: SafehouseError, when?: "at once"): void {
    if (when === "at once") this.#messages.length = 0;
    this.#error ??= error;
    this.#wake?.();
  }

  async take(): Promise<ReaderMessage> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
