import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import type { TestContext } from "node:test";

/** A line to a server on this machine that can be cut, or fall silent, in the middle of what it carries. */
export class FrailLine {
  port = 0;
  /** Bytes that went to the server so far. */
  carried = 0;
  /** Cuts everything once so many bytes went to the server. */
  cutAfter = Infinity;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #silent = false;
  readonly #server = createServer((client) => this.#join(client));

  private constructor(target: number) {
    this.#target = target;
  }

  static async to(target: number, context: TestContext): Promise<FrailLine> {
    const line = new FrailLine(target);
    line.#server.listen(0, "127.0.0.1");
    await once(line.#server, "listening");
    line.port = (line.#server.address() as AddressInfo).port;
    context.after(() => {
      line.cut();
      line.#server.close();
    });
    return line;
  }

  /** Ends all connections; new ones are possible. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** From now on nothing comes through, and nobody is told. */
  fallSilent(): void {
    this.#silent = true;
    for (const socket of this.#sockets) socket.pause();
  }

  #join(client: Socket): void {
    const server = connect(this.#target, "127.0.0.1");
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on("data", (bytes: Buffer) => {
        if (from === client) this.carried += bytes.length;
        if (this.carried > this.cutAfter) {
          this.cutAfter = Infinity;
          this.cut();
          return;
        }
        if (!to.write(bytes)) {
          from.pause();
          to.once("drain", () => this.#silent || from.resume());
        }
      });
    }
    if (this.#silent) this.fallSilent();
  }
}
