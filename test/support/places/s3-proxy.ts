import { once } from "node:events";
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to one request on its way. */
export type Fate =
  /** The server never hears of it; this is the answer. */
  | { readonly status: number; readonly code: string; readonly elements?: string }
  /** The server does it, and the connection is cut instead of the answer. */
  | "lose-answer"
  /** The connection is cut when so many bytes of the answer have passed. */
  | { readonly cutAnswerAt: number }
  /** The connection is cut when so many bytes of the body have passed. */
  | { readonly cutBodyAt: number }
  /** The body passes no faster than that. */
  | { readonly bytesPerSecond: number }
  | undefined;

/** A way to a server on this machine on which things go wrong. */
export interface S3Proxy extends AsyncDisposable {
  readonly endpoint: string;
  /** What was asked: method, path with query, headers. */
  readonly asked: readonly IncomingMessage[];
}

/** @param decide what becomes of each request */
export async function proxyTo(
  port: number,
  decide: (incoming: IncomingMessage) => Fate,
): Promise<S3Proxy> {
  const asked: IncomingMessage[] = [];
  const server = createServer((incoming, answer) => {
    asked.push(incoming);
    const fate = decide(incoming);
    if (typeof fate === "object" && "status" in fate) return refuse(incoming, answer, fate);
    forward(port, { incoming, answer, fate });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function refuse(
  incoming: IncomingMessage,
  answer: ServerResponse,
  fate: Extract<Fate, { status: number }>,
): void {
  incoming.resume();
  incoming.on("end", () => {
    answer.writeHead(fate.status, { "content-type": "application/xml" });
    const body = `<Error><Code>${fate.code}</Code><Message>no</Message>${fate.elements ?? ""}</Error>`;
    answer.end(incoming.method === "HEAD" ? undefined : body);
  });
}

interface Passing {
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  readonly fate: Fate;
}

function forward(port: number, { incoming, answer, fate }: Passing): void {
  const { method, url: path, headers } = incoming;
  const outgoing = request({ host: "127.0.0.1", port, method, path, headers }, (reply) => {
    if (fate === "lose-answer") {
      reply.resume().on("end", () => incoming.socket.destroy());
      return;
    }
    answer.writeHead(reply.statusCode ?? 500, reply.headers);
    let passed = 0;
    reply.on("data", (bytes: Buffer) => {
      passed += bytes.length;
      answer.write(bytes);
      const isOver =
        typeof fate === "object" && "cutAnswerAt" in fate && passed >= fate.cutAnswerAt;
      if (isOver) incoming.socket.destroy();
    });
    reply.on("end", () => answer.end());
  });
  // Whatever was cut on one side ends on the other too.
  outgoing.on("error", () => incoming.socket.destroy());
  incoming.on("close", () => !incoming.complete && outgoing.destroy());
  let passed = 0;
  incoming.on("data", (bytes: Buffer) => {
    passed += bytes.length;
    outgoing.write(bytes);
    if (typeof fate !== "object") return;
    if ("cutBodyAt" in fate && passed >= fate.cutBodyAt) incoming.socket.destroy();
    if (!("bytesPerSecond" in fate)) return;
    incoming.pause();
    setTimeout(() => incoming.resume(), (bytes.length / fate.bytesPerSecond) * 1000);
  });
  incoming.on("end", () => outgoing.end());
}
