import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import type { Certificate } from "./self-signed.ts";

export interface RecordedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What the server answers; undefined lets it be silent for ever. */
export type Answer =
  | { readonly status: number; readonly body?: string; readonly location?: string }
  | undefined;

export interface RecordingServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT`, or `https://localhost:PORT` with a certificate. */
  readonly origin: string;
  readonly requests: readonly RecordedRequest[];
  /** How it answers from now on. */
  answer: (request: RecordedRequest) => Answer;
}

/** A server on this machine that remembers what it was asked, and answers 200 unless told otherwise. */
export async function recordingServer(
  context: TestContext,
  certificate?: Certificate,
): Promise<RecordingServer> {
  const requests: RecordedRequest[] = [];
  const recording = { requests, answer: (): Answer => ({ status: 200, body: "OK" }) };
  const listener: RequestListener = (incoming, outgoing) => {
    const pieces: Buffer[] = [];
    incoming.on("data", (bytes: Buffer) => pieces.push(bytes));
    incoming.on("end", () => {
      const { method = "", url: path = "", headers } = incoming;
      const request = { method, path, headers, body: Buffer.concat(pieces).toString() };
      requests.push(request);
      const answer = server.answer(request);
      if (answer === undefined) return;
      const { status, location, body } = answer;
      outgoing.writeHead(status, location === undefined ? {} : { location }).end(body);
    });
  };
  const http =
    certificate === undefined ? createServer(listener) : createTlsServer(certificate, listener);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  context.after(() => {
    http.closeAllConnections();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  const origin =
    certificate === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;
  const server: RecordingServer = Object.assign(recording, { port, origin });
  return server;
}

/** A port of this machine at which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
