import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { SafehouseError } from "#core/model/problem.ts";

export interface ListenOptions {
  /** Name or address of the interface. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Certificate and key; undefined: plain HTTP. */
  readonly tls: ServerOptions | undefined;
  readonly answer: (request: Request, bindings: object) => Response | Promise<Response>;
}

export interface Listening extends AsyncDisposable {
  /** Where it is reached from this machine, without `/` at the end. */
  readonly url: string;
  readonly server: Server;
}

/**
 * Requests that are being answered get this much time when the server stops. Systems give ten seconds in all, and
 * what is at work needs up to eight of them to be cancelled.
 */
const closeInMs = 1000;

/**
 * Listens for HTTP requests. There is no limit on the whole of a request: a backup may take hours to come or
 * go. Rejects with `busy` and `denied` for a port that cannot be had.
 */
export async function listen({ host, port, tls, answer }: ListenOptions): Promise<Listening> {
  const respond = getRequestListener(answer);
  const listener: RequestListener = (request, response) => void respond(request, response);
  const limits = { requestTimeout: 0, headersTimeout: 30_000, connectionsCheckingInterval: 5000 };
  const server =
    tls === undefined
      ? createHttpServer(limits, listener)
      : createHttpsServer({ ...limits, ...tls }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(error, host, port)));
    server.listen({ host, port }, resolve);
  });
  const url = urlOf(server.address() as AddressInfo, tls !== undefined);
  return { url, server, [Symbol.asyncDispose]: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), closeInMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function urlOf({ address, family, port }: AddressInfo, secure: boolean): string {
  const everywhere = address === "0.0.0.0" || address === "::";
  const reachable = everywhere ? "127.0.0.1" : address;
  const host = family === "IPv6" && !everywhere ? `[${reachable}]` : reachable;
  return `${secure ? "https" : "http"}://${host}:${port}`;
}

function cannotListen(error: Error, host: string, port: number): Error {
  const code = "code" in error ? error.code : undefined;
  const where = `${host}, port ${port}`;
  if (code === "EADDRINUSE")
    return new SafehouseError("busy", `Another program listens on ${where}`, {
      advice: "Choose another port with --port or SAFEHOUSE_PORT",
      cause: error,
    });
  if (code === "EACCES")
    return new SafehouseError("denied", `Listening on ${where} is not allowed`, {
      advice: "Choose a port above 1023 with --port or SAFEHOUSE_PORT",
      cause: error,
    });
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new SafehouseError("usage", `This machine has no address ${host}`, {
      advice: "Choose one with --host or SAFEHOUSE_HOST; 0.0.0.0 means all of them",
      cause: error,
    });
  return error;
}
