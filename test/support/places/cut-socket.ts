import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/**
 * Breaks a connection as a router does that starts anew. One that is saying good-bye already is only closed: Node 26 never closes
 * a socket that is reset then, and a process that has such a one does not come to its end.
 */
export function cutSocket(socket: Socket): void {
  if (socket instanceof TLSSocket || socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
