import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A line to a server on this machine that can be cut and made to say nothing. */
export interface Line extends AsyncDisposable {
  readonly port: number;
  /** Bytes that went to the server. */
  readonly sentBytes: () => number;
  /** Breaks every connection; new ones are made as before. */
  cut(): void;
  /** Lets nothing through any more, in neither direction, on connections of now and later. */
  freeze(): void;
}

/** @param port of the server on 127.0.0.1 */
export async function lineTo(port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let frozen = false;
  let sent = 0;
  const server = createServer((here) => {
    const there = connect({ port, host: "127.0.0.1" });
    for (const socket of [here, there]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      // What is cut tells the other side so.
      socket.on("error", () => undefined);
    }
    here.on("close", () => there.destroy());
    there.on("close", () => here.destroy());
    here.on("data", (bytes) => (sent += bytes.length));
    here.pipe(there);
    there.pipe(here);
    if (frozen) for (const socket of [here, there]) stop(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A line without port");
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    sentBytes: () => sent,
    cut,
    freeze() {
      frozen = true;
      for (const socket of sockets) stop(socket);
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}

function stop(socket: Socket): void {
  socket.unpipe();
  socket.pause();
}
