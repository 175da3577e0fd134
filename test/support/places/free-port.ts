import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A port of 127.0.0.1 at which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("A server without port");
  return address.port;
}

/**
 * Waits until something listens at a port of 127.0.0.1.
 * @param ended what the server has said, once it has ended
 */
export async function untilAnswers(port: number, ended: () => string | undefined): Promise<void> {
  for (;;) {
    const log = ended();
    if (log !== undefined) throw new Error(`The server has ended: ${log}`);
    const socket = connect({ port, host: "127.0.0.1" });
    const there = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (there) return;
    await pause(20);
  }
}
