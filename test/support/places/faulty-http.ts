import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** What goes wrong on the way to a server; may be changed at any time. */
export interface Faults {
  /** Of so many requests in a hundred the connection is reset in the middle of the body. */
  resets: number;
  /** So many in a hundred are answered with 503, before the server sees them. */
  unavailable: number;
  /** So many are answered by half of what the server says. */
  halfReplies: number;
  /** Nothing is answered any more. */
  blackHole: boolean;
}

/** A line to an HTTP server on which things go wrong, by the same dice each time. */
export class FaultyHttp {
  readonly faults: Faults = { resets: 0, unavailable: 0, halfReplies: 0, blackHole: false };
  /** Bytes of bodies that clients have sent. */
  sent = 0;
  readonly #target: number;
  readonly #server = createServer((asked, answer) => this.#pass(asked, answer));
  #dice = 1;

  private constructor(target: number) {
    this.#target = target;
  }

  /** @param target port on 127.0.0.1 */
  static async open(context: TestContext, target: number): Promise<FaultyHttp> {
    const line = new FaultyHttp(target);
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    context.after(() => {
      line.#server.close();
      line.#server.closeAllConnections();
    });
    return line;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { resets, unavailable, halfReplies, blackHole } = this.faults;
    asked.on("data", (chunk: Buffer) => void (this.sent += chunk.length));
    if (blackHole) return;
    if (this.#falls(unavailable)) {
      asked.resume();
      asked.once("end", () => answer.writeHead(503, { "Retry-After": "0" }).end());
      return;
    }
    const breaksAt = this.#falls(resets)
      ? Number(asked.headers["content-length"] ?? 0) / 2
      : Infinity;
    const isHalf = this.#falls(halfReplies);
    const { method, headers, url: path } = asked;
    const onward = request({ host: "127.0.0.1", port: this.#target, method, path, headers });
    onward.on("error", () => answer.destroy());
    onward.on("response", (said) => {
      answer.writeHead(said.statusCode ?? 502, said.headers);
      if (!isHalf) said.pipe(answer);
      else
        said.once("data", (chunk: Buffer) =>
          answer.write(chunk.subarray(0, chunk.length / 2), () => answer.destroy()),
        );
      said.on("error", () => answer.destroy());
    });
    let passed = 0;
    asked.on("data", (chunk: Buffer) => {
      passed += chunk.length;
      if (passed < breaksAt) return;
      onward.destroy();
      asked.socket.resetAndDestroy();
    });
    asked.pipe(onward);
    asked.once("close", () => {
      if (!asked.complete) onward.destroy();
    });
  }

  #falls(percent: number): boolean {
    this.#dice = (Math.imul(this.#dice, 1_103_515_245) + 12_345) >>> 0;
    return (this.#dice >>> 16) % 100 < percent;
  }
}
