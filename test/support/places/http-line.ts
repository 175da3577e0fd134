import { once } from "node:events";
import {
  createServer,
  request,
  type ClientRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { cutSocket } from "./cut-socket.ts";
import { PassThrough, pipeline, Transform } from "node:stream";

/** What happens to one request on its way. */
export type Fate =
  /** The server never hears of it; this is the answer. */
  | { readonly status: number; readonly code: string; readonly elements?: string }
  /** The server does it, and the connection is cut instead of the answer. */
  | "lose-answer"
  /** The server does it, and the connection is cut in the middle of the first line of the answer. */
  | "halve-answer"
  /** Nothing is taken of it, and nothing ever answered. */
  | "swallow"
  /** The connection is cut when so many bytes of the answer have passed. */
  | { readonly cutAnswerAt: number }
  /** The connection is cut when so many bytes of the body have passed. */
  | { readonly cutBodyAt: number }
  /** No more than so many bytes of the body pass, and nothing is ever answered. */
  | { readonly stallAt: number }
  /** The body passes no faster than that. */
  | { readonly bytesPerSecond: number }
  | undefined;

/** Says what happens to a request. */
export type Decide = (incoming: IncomingMessage) => Fate;

/** A line to a server of this machine that speaks HTTP, on which each request has its own fate. */
export class HttpLine implements AsyncDisposable {
  /** What was asked: method, path with query, headers. */
  readonly asked: IncomingMessage[] = [];
  /** Port of 127.0.0.1. */
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #closedBytes = 0;

  private constructor(server: Server, target: number, decide: Decide) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    const serve = (incoming: IncomingMessage, answer: ServerResponse): void => {
      this.asked.push(incoming);
      carry({ target, incoming, answer }, decide(incoming));
    };
    // Whether a body may come is for the server to say.
    server.on("request", serve).on("checkContinue", serve);
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        this.#closedBytes += socket.bytesRead;
      });
    });
  }

  /** @param target port of the server on 127.0.0.1 */
  static async to(target: number, decide: Decide): Promise<HttpLine> {
    const server = createServer({ requestTimeout: 0 }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return new HttpLine(server, target, decide);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Bytes that clients have sent, also those that were lost on the way to the server. */
  get sentBytes(): number {
    return [...this.#sockets].reduce((sum, { bytesRead }) => sum + bytesRead, this.#closedBytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

interface Exchange {
  readonly target: number;
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
}

function carry(exchange: Exchange, fate: Fate): void {
  const { incoming, answer } = exchange;
  // Whoever hangs up is not told more.
  for (const stream of [incoming, answer]) stream.on("error", () => undefined);
  if (fate === "swallow") return;
  if (typeof fate === "object" && "status" in fate) return refuse(exchange, fate);
  forward(exchange, fate);
}

function refuse({ incoming, answer }: Exchange, fate: Extract<Fate, { status: number }>): void {
  const say = (): void => {
    answer.writeHead(fate.status, { "content-type": "application/xml" });
    const body = `<Error><Code>${fate.code}</Code><Message>no</Message>${fate.elements ?? ""}</Error>`;
    answer.end(incoming.method === "HEAD" ? undefined : body);
  };
  // Who asks whether the body may come is told before it does.
  if (incoming.headers.expect !== undefined) return say();
  incoming.resume().on("end", say);
}

function forward({ target, incoming, answer }: Exchange, fate: Fate): void {
  const { method, url: path, headers } = incoming;
  const cut = (): void => {
    cutSocket(incoming.socket);
    outgoing.destroy();
  };
  const order = { host: "127.0.0.1", port: target, method, path, headers, agent: false } as const;
  const outgoing = request(order, (reply) => giveBack(reply, { answer, fate, cut }));
  if (headers.expect !== undefined) {
    outgoing.flushHeaders();
    outgoing.on("continue", () => answer.writeContinue());
  }
  // Whatever was cut on one side ends on the other too.
  outgoing.on("error", cut);
  answer.once("close", () => answer.writableFinished || outgoing.destroy());
  sendOn(incoming, outgoing, { fate, cut });
}

interface Passing {
  readonly fate: Fate;
  readonly cut: () => void;
}

function sendOn(incoming: IncomingMessage, outgoing: ClientRequest, { fate, cut }: Passing): void {
  let passed = 0;
  const way = new Transform({
    transform(bytes: Buffer, _, done) {
      passed += bytes.length;
      if (typeof fate !== "object") return done(null, bytes);
      if ("cutBodyAt" in fate && passed >= fate.cutBodyAt) return cut();
      if ("stallAt" in fate && passed >= fate.stallAt) return;
      if (!("bytesPerSecond" in fate)) return done(null, bytes);
      setTimeout(done, (bytes.length / fate.bytesPerSecond) * 1000, null, bytes);
    },
  });
  // A failure has cut the line already, or was that.
  pipeline(incoming, way, outgoing, () => undefined);
}

function giveBack(
  reply: IncomingMessage,
  { answer, fate, cut }: Passing & { readonly answer: ServerResponse },
): void {
  if (typeof fate === "object" && "stallAt" in fate) return;
  if (fate === "lose-answer") return void reply.resume().on("end", cut);
  if (fate === "halve-answer") return void reply.resume().on("end", () => halve(answer, cut));
  answer.writeHead(reply.statusCode ?? 500, reply.headers);
  let passed = 0;
  const way = new PassThrough();
  way.on("data", (bytes: Buffer) => {
    passed += bytes.length;
    if (typeof fate === "object" && "cutAnswerAt" in fate && passed >= fate.cutAnswerAt) cut();
  });
  pipeline(reply, way, answer, (error) => {
    if (error) cut();
  });
}

function halve({ socket }: ServerResponse, cut: () => void): void {
  if (socket === null) cut();
  else socket.write("HTTP/1.1 20", cut);
}
