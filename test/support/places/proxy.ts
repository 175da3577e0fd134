import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Certificate } from "../self-signed.ts";

/** Stands in front of a server of this machine: with TLS if it is given a certificate, and with lines that break. */
export class Proxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Bytes that still pass towards the server, and back. */
  passesUp = Infinity;
  passesDown = Infinity;

  private constructor(targetPort: number, certificate: Certificate | undefined) {
    const join = (socket: Socket): void => this.#join(socket, connect(targetPort, "127.0.0.1"));
    this.#server =
      certificate === undefined ? createServer(join) : createTlsServer({ ...certificate }, join);
    // Who does not trust the certificate hangs up.
    this.#server.on("tlsClientError", () => undefined);
  }

  static async start(targetPort: number, certificate?: Certificate): Promise<Proxy> {
    const proxy = new Proxy(targetPort, certificate);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #join(client: Socket, server: Socket): void {
    const cut = (): void => {
      for (const socket of [client, server]) {
        socket.destroy();
        this.#sockets.delete(socket);
      }
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on("error", cut).on("close", cut);
    }
    client.on("data", (bytes: Buffer) => {
      this.passesUp -= bytes.length;
      if (this.passesUp < 0) return cut();
      if (!server.write(bytes)) client.pause();
    });
    server.on("drain", () => client.resume());
    server.on("data", (bytes: Buffer) => {
      this.passesDown -= bytes.length;
      if (this.passesDown < 0) return cut();
      if (!client.write(bytes)) server.pause();
    });
    client.on("drain", () => server.resume());
  }
}
