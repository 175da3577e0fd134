import { StorageError } from "../errors.ts";

/** Where a writer is between its beginning and its end. */
export class WriterState {
  readonly #key: string;
  readonly #signal: AbortSignal;
  #state: "open" | "committed" | "aborted" = "open";

  constructor(key: string, signal: AbortSignal) {
    this.#key = key;
    this.#signal = signal;
  }

  /** Throws unless the object can be gone on with. */
  check(): void {
    this.#signal.throwIfAborted();
    if (this.#state === "open") return;
    const message = `${this.#key} is ${this.#state} already`;
    throw new StorageError("unsupported", message, { key: this.#key });
  }

  commit(): void {
    this.#state = "committed";
  }

  /** False if it has ended already. */
  abort(): boolean {
    if (this.#state !== "open") return false;
    this.#state = "aborted";
    return true;
  }
}
