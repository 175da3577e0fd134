import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { StorageError } from "../errors.ts";

/**
 * A body for rclone to fetch, once, at an address of this machine that nobody can guess: `operations/copyurl` is the one
 * way in which its remote control takes bytes and is told their number, which decides how large the parts of an upload
 * are, and without which some places would have all of them spooled to a disk first.
 */
export class BodyServer {
  readonly url: string;
  readonly #server: Server;
  readonly #fetch: PromiseWithResolvers<ServerResponse>;

  private constructor(server: Server, fetch: PromiseWithResolvers<ServerResponse>, url: string) {
    this.#server = server;
    this.#fetch = fetch;
    this.url = url;
  }

  /** @param size bytes that will come, if known */
  static async listen(size: number | undefined): Promise<BodyServer> {
    const fetch = Promise.withResolvers<ServerResponse>();
    fetch.promise.catch(() => undefined);
    const path = `/${randomBytes(24).toString("hex")}`;
    let fetched = false;
    const server = createServer((request, response) => {
      if (fetched || request.method !== "GET" || request.url !== path) {
        response.writeHead(404).end();
        return;
      }
      fetched = true;
      const length = size === undefined ? {} : { "content-length": size };
      response.writeHead(200, { "content-type": "application/octet-stream", ...length });
      response.flushHeaders();
      fetch.resolve(response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return new BodyServer(server, fetch, `http://127.0.0.1:${port}${path}`);
  }

  /** Resolves when the system has taken the bytes; then their memory may be used again. */
  async send(bytes: Uint8Array): Promise<void> {
    const response = await this.#fetch.promise;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // A write may be lost without a word while the connection is being closed.
    const broken = (): void => reject(brokenOff());
    response.once("close", broken);
    if (response.closed) broken();
    response.write(bytes, (error) => (error ? reject(brokenOff(error)) : resolve()));
    try {
      await promise;
    } finally {
      response.off("close", broken);
    }
  }

  /** Says that this was all. */
  async end(): Promise<void> {
    (await this.#fetch.promise).end();
  }

  /** Breaks off what was not ended, so that whoever fetches it knows that it is not whole. */
  close(): void {
    this.#fetch.reject(brokenOff());
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function brokenOff(cause?: Error): StorageError {
  return new StorageError("unreachable", "rclone stopped taking bytes", { cause });
}
