import {
  request as requestPlain,
  type Agent,
  type ClientRequest,
  type IncomingMessage,
} from "node:http";
import { request as requestTls } from "node:https";
import { agentFor } from "./agent.ts";
import type { WebdavSettings } from "./settings.ts";
import { answerOf, Upload } from "./upload.ts";
import { wait } from "./wait.ts";

export interface HttpOrder {
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** The longest that a server is left alone because it asks for it. */
const longestPauseSeconds = 60;

/** Requests to one server, over connections that are kept. Statuses are for the caller to judge. */
export class Http {
  readonly origin: string;
  readonly #agent: Agent;
  readonly #authorization: string | undefined;
  /** When the server wants to hear of us again; milliseconds since 1970. */
  #quietUntil = 0;
  /** Whether it can be asked beforehand if it wants a body. */
  #knowsExpect = true;
  /** Whether it answers that at once; each time else would cost a second. */
  #isPrompt = true;

  constructor({ origin, account, trust }: Pick<WebdavSettings, "origin" | "account" | "trust">) {
    this.origin = origin;
    this.#agent = agentFor(origin, trust);
    if (account !== undefined) {
      const pair = Buffer.from(`${account.user}:${account.password}`, "utf8");
      this.#authorization = `Basic ${pair.toString("base64")}`;
    }
  }

  /** Sends a request with the whole of its body. */
  async send(order: HttpOrder, signal: AbortSignal): Promise<IncomingMessage> {
    await this.#whenWelcome(signal);
    const { body } = order;
    const length = body === undefined ? undefined : Buffer.byteLength(body);
    return this.#onLivingConnection(signal, async () => {
      const request = this.#begin(order, length, signal);
      request.end(body);
      return { request, outcome: answerOf(request) };
    });
  }

  /**
   * Begins a request whose body comes in pieces, when the server has had the chance to refuse it.
   * @param length of the body; undefined: nobody knows yet
   */
  async upload(order: HttpOrder, length: number | undefined, signal: AbortSignal): Promise<Upload> {
    await this.#whenWelcome(signal);
    // Without a length it may well refuse, and nobody could send the beginning again.
    const asks = this.#knowsExpect && (this.#isPrompt || length === undefined);
    const headers = { ...order.headers, ...(asks ? { expect: "100-continue" } : {}) };
    const upload = await this.#onLivingConnection(signal, async () => {
      const request = this.#begin({ ...order, headers }, length, signal);
      const begun = new Upload(request);
      return { request, outcome: asks ? this.#whenAllowed(begun) : Promise.resolve(begun) };
    });
    if (!asks || !upload.isAnswered) return upload;
    // 417: it does not know the question, which is no answer to the request.
    const { statusCode } = await upload.end();
    if (statusCode !== 417) return upload;
    upload.destroy();
    this.#knowsExpect = false;
    return this.upload(order, length, signal);
  }

  async #whenAllowed(upload: Upload): Promise<Upload> {
    if (!(await upload.begin())) this.#isPrompt = false;
    return upload;
  }

  /** Sends nothing for a while, because the server asks for it; one minute at most. */
  leaveAlone(seconds: number): void {
    const until = Date.now() + Math.min(seconds, longestPauseSeconds) * 1000;
    this.#quietUntil = Math.max(this.#quietUntil, until);
  }

  async #whenWelcome(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const remaining = this.#quietUntil - Date.now();
    if (remaining > 0) await wait(remaining, signal);
  }

  #begin(order: HttpOrder, length: number | undefined, signal: AbortSignal): ClientRequest {
    const request = this.origin.startsWith("https:") ? requestTls : requestPlain;
    const { method, path } = order;
    const hasBody = method === "PUT" || length !== undefined;
    return request(`${this.origin}${path}`, {
      method,
      agent: this.#agent,
      signal,
      headers: {
        "accept-encoding": "identity",
        "user-agent": "Safehouse",
        ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
        ...(hasBody && length !== undefined ? { "content-length": String(length) } : {}),
        ...(hasBody && length === undefined ? { "transfer-encoding": "chunked" } : {}),
        ...order.headers,
      },
    });
  }

  /**
   * A connection that was kept may have been closed by the server just now; then it is done once more on another. The
   * work must not have sent anything of a body that cannot be sent again.
   */
  async #onLivingConnection<Result>(
    signal: AbortSignal,
    work: () => Promise<{ readonly request: ClientRequest; readonly outcome: Promise<Result> }>,
  ): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      const { request, outcome } = await work();
      try {
        return await outcome;
      } catch (error) {
        signal.throwIfAborted();
        if (!(request.reusedSocket && attempt < 5 && isHangUp(error))) throw error;
      }
    }
  }
}

function isHangUp(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    ["ECONNRESET", "EPIPE"].includes(String(error.code))
  );
}
