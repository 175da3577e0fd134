import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Certificate } from "../self-signed.ts";
import { cutSocket } from "./cut-socket.ts";

export interface LineOptions {
  /** Speaks TLS with clients, and shows them this. */
  readonly certificate?: Certificate;
  /** How many bytes go to the server up to the next cut; never one if not given. */
  readonly nextCut?: () => number;
}

/** A line to a server of this machine that can be cut, be slow to answer, or fall silent, whatever is spoken on it. */
export class Line implements AsyncDisposable {
  /** Bytes that went to the server so far. */
  sentBytes = 0;
  /** How often it was cut so far. */
  cuts = 0;
  /** Bytes that still pass to the server, and back; then everything is cut, once. */
  passesUp: number;
  passesDown = Infinity;
  /** Bytes that still pass back; then it falls silent, once. */
  speaksDown = Infinity;
  /** Bytes that pass back on each new connection before that is cut. */
  passesDownOfEach = Infinity;
  /** How long answers are on their way, in milliseconds. */
  delayMs = 0;
  /** Port of 127.0.0.1. */
  readonly port: number;
  readonly #nextCut: () => number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  #isSilent = false;

  private constructor(server: Server, sockets: Set<Socket>, nextCut: () => number) {
    this.#server = server;
    this.#sockets = sockets;
    this.#nextCut = nextCut;
    this.passesUp = nextCut();
    this.port = (server.address() as AddressInfo).port;
  }

  /** @param target port of the server on 127.0.0.1 */
  static async to(target: number, options: LineOptions = {}): Promise<Line> {
    const { certificate, nextCut = () => Infinity } = options;
    const join = (client: Socket): void => line.#join(client, connect(target, "127.0.0.1"));
    const server =
      certificate === undefined ? createServer(join) : createTlsServer({ ...certificate }, join);
    // Who does not trust the certificate hangs up.
    server.on("tlsClientError", () => undefined);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const line = new Line(server, new Set(), nextCut);
    return line;
  }

  /** Breaks all connections; new ones are possible. */
  cut(): void {
    this.cuts += 1;
    for (const socket of this.#sockets) cutSocket(socket);
  }

  /** From now on nothing comes through, on connections of now and later, and nobody is told. */
  fallSilent(): void {
    this.#isSilent = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** Ends the silence for connections that are still to come; those of now are cut. */
  speakAgain(): void {
    this.#isSilent = false;
    this.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket, server: Socket): void {
    let left = this.passesDownOfEach;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      const end = (): void => {
        this.#sockets.delete(from);
        // What was still on its way comes first.
        if (this.delayMs > 0 && from === server) setTimeout(() => to.destroy(), this.delayMs);
        else to.destroy();
      };
      from.on("error", end).on("close", end);
      from.on("data", (bytes: Buffer) => {
        const isUp = from === client;
        if (!isUp) left -= bytes.length;
        if (isUp || left >= 0) return this.#pass(bytes, { from, to, isUp });
        client.end(bytes.subarray(0, bytes.length + left));
        server.destroy();
      });
    }
    if (this.#isSilent) this.fallSilent();
  }

  #pass(bytes: Buffer, { from, to, isUp }: Direction): void {
    const left = isUp ? this.passesUp : this.passesDown;
    if (isUp) this.passesUp -= bytes.length;
    else this.#count(bytes.length);
    const some = bytes.length > left ? bytes.subarray(0, left) : bytes;
    if (isUp) this.sentBytes += some.length;
    if (some.length < bytes.length) {
      // What has passed arrives, so that somebody has half of it.
      to.write(some, () => this.#cutOnce());
      from.pause();
    } else if (!isUp && this.delayMs > 0) setTimeout(() => to.write(some), this.delayMs);
    else if (!to.write(some)) {
      from.pause();
      to.once("drain", () => this.#isSilent || from.resume());
    }
  }

  /** Of bytes that go back. */
  #count(bytes: number): void {
    this.passesDown -= bytes;
    this.speaksDown -= bytes;
    if (this.speaksDown >= 0) return;
    this.speaksDown = Infinity;
    this.fallSilent();
  }

  #cutOnce(): void {
    if (this.passesUp < 0) this.passesUp = this.#nextCut();
    if (this.passesDown < 0) this.passesDown = Infinity;
    this.cut();
  }
}

interface Direction {
  readonly from: Socket;
  readonly to: Socket;
  readonly isUp: boolean;
}
