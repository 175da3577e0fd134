import { once } from "node:events";
import type { Writable } from "node:stream";
import { ReaderGone } from "#cli/reader-gone.ts";
import { SafehouseError } from "#core/model/problem.ts";

/** Standard output: whoever reads it may go away, and the disk behind it may be full. */
export class StandardOutput {
  readonly #stream: Writable;
  #failure: Error | undefined;

  /** @param fail is told of the failure, once, so that work for it can end */
  constructor(stream: Writable, fail: (failure: Error) => void) {
    this.#stream = stream;
    stream.on("error", (error) => {
      if (this.#failure !== undefined) return;
      this.#failure = explained(error);
      fail(this.#failure);
    });
  }

  /** Resolves when more may be written. Rejects with `ReaderGone`, `no-space` or `denied`. */
  async write(content: string | Uint8Array): Promise<void> {
    this.#throwFailure();
    if (!this.#stream.write(content)) await this.#settled(once(this.#stream, "drain"));
  }

  /** Resolves when all has been written; rejects as `write` does. */
  async flush(): Promise<void> {
    this.#throwFailure();
    await this.#settled(new Promise<void>((resolve) => this.#stream.write("", () => resolve())));
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #settled(waiting: Promise<unknown>): Promise<void> {
    try {
      await waiting;
    } catch (error) {
      throw this.#failure ?? error;
    }
  }
}

function explained(error: Error): Error {
  const code = "code" in error ? String(error.code) : error.message;
  if (code === "EPIPE") return new ReaderGone();
  const problem = code === "ENOSPC" || code === "EDQUOT" ? "no-space" : "denied";
  return new SafehouseError(problem, `The output cannot be written (${code})`, { cause: error });
}
