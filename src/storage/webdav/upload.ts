import type { ClientRequest, IncomingMessage } from "node:http";

/** How long a server may take to let us send, before it is sent all the same (as curl has it). */
const permissionMs = 1000;

/** The body of a request on its way, in pieces. */
export class Upload {
  readonly #request: ClientRequest;
  readonly #answer: Promise<IncomingMessage>;
  #settled = false;
  /** Ends the wait for a piece when an answer comes instead. */
  #wake: (() => void) | undefined;

  constructor(request: ClientRequest) {
    this.#request = request;
    this.#answer = answerOf(request).finally(() => {
      this.#settled = true;
      this.#wake?.();
    });
    // Whoever sends hears of it from `end`.
    this.#answer.catch(() => undefined);
  }

  /**
   * Waits until the server lets us send or has answered; false if it has taken too long about it. Rejects if it is
   * lost.
   */
  async begin(): Promise<boolean> {
    this.#request.flushHeaders();
    const isPrompt = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, permissionMs, false);
      this.#wake = () => {
        clearTimeout(timer);
        resolve(true);
      };
      this.#request.once("continue", this.#wake);
      if (this.#settled) this.#wake();
    });
    this.#wake = undefined;
    if (this.#settled) await this.#answer;
    return isPrompt;
  }

  /** True if the server has answered already, and so wants no more. */
  get isAnswered(): boolean {
    return this.#settled;
  }

  /** Sends a piece, which may be reused afterwards. After an answer or a failure it is not sent; `end` tells. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#settled || bytes.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#request.write(bytes, () => resolve());
    });
    this.#wake = undefined;
  }

  /** The answer to all of it; one that came early breaks the connection. */
  async end(): Promise<IncomingMessage> {
    if (!this.#settled) this.#request.end();
    return this.#answer;
  }

  destroy(): void {
    this.#request.destroy();
  }
}

/** The head of the answer. */
export function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on("response", resolve);
    // Stays there: what breaks behind the answer is told by its body.
    request.on("error", reject);
    request.once("close", () => reject(new Error("The connection was closed")));
  });
}
