import type { AddressInfo } from "node:net";
import { createServer, type RequestListener, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { ApiClient } from "#client/api-client.ts";
import type { ServerAddress } from "#client/server-address.ts";

/** A server that answers as it is told, on a port of its own. */
export class ApiServer implements AsyncDisposable {
  readonly server: Server;
  readonly url: URL;

  private constructor(server: Server) {
    this.server = server;
    this.url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }

  static async listen(answer: RequestListener | Hono): Promise<ApiServer> {
    const listener = typeof answer === "function" ? answer : getRequestListener(answer.fetch);
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new ApiServer(server);
  }

  /** Where it is, as somebody has typed it. */
  address(token?: string): ServerAddress {
    return { url: this.url, token, found: false };
  }

  client(token?: string): ApiClient {
    return new ApiClient(this.address(token), "1.2.3");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
