import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { readXml, type XmlNode } from "#api/dav/read-xml.ts";
import type { TestServer } from "./server.ts";

/** A question of a WebDAV client. */
export interface DavQuestion {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What is answered, byte for byte. */
export interface DavAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
}

/** One resource of a `PROPFIND`: its address, and the texts of the properties that it has by name. */
export interface ListedResource {
  readonly href: string;
  readonly isFolder: boolean;
  readonly properties: Readonly<Record<string, string>>;
  /** Names of properties that it does not have. */
  readonly absent: readonly string[];
}

/** Speaks WebDAV as file explorers do, with a token as the password. */
export class DavClient {
  readonly #server: TestServer;
  readonly #token: string | undefined;

  /** @param token undefined: none is shown */
  constructor(server: TestServer, token: string | undefined) {
    this.#server = server;
    this.#token = token;
  }

  /** Makes a token of a scope by the server's own one, and a client that shows it. */
  static async of(server: TestServer, scope: string): Promise<DavClient> {
    return new DavClient(server, await newToken(server, scope));
  }

  ask(method: string, path: string, { headers = {}, body }: DavQuestion = {}): Promise<DavAnswer> {
    const authorization =
      this.#token === undefined ? {} : { Authorization: basic("whoever", this.#token) };
    // Else Node sends the body of some methods without saying how long it is.
    const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const asking = request(
        `${this.#server.url}${path}`,
        { method, headers: { ...authorization, ...length, ...headers } },
        (response) => {
          const { statusCode: status = 0, headers: answered } = response;
          buffer(response).then(
            (bytes) => resolve({ status, headers: answered, bytes, text: bytes.toString() }),
            reject,
          );
        },
      );
      asking.on("error", reject);
      asking.end(body);
    });
  }

  /** What there is; the request has to succeed. */
  async list(path: string, depth = "1", body = ""): Promise<readonly ListedResource[]> {
    const { status, text } = await this.ask("PROPFIND", path, { headers: { Depth: depth }, body });
    if (status !== 207) throw new Error(`${path} is answered with ${status}: ${text}`);
    return readXml(text).children.map(listed);
  }
}

/** Header of a user's name and password. */
export function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

let tokens = 0;

/** A token of a scope. */
export async function newToken(server: TestServer, scope: string): Promise<string> {
  tokens += 1;
  const json = { name: `${scope} ${tokens}`, scope };
  const made = await server.ask("/api/v1/access/tokens", { json });
  return made.json.text("token");
}

function listed(response: XmlNode): ListedResource {
  const href = child(response, "href")?.text ?? "";
  const stats = response.children.filter(({ name }) => name === "propstat");
  const propertiesWith = (status: string): readonly XmlNode[] =>
    stats
      .filter((stat) => child(stat, "status")?.text.includes(status))
      .flatMap((stat) => child(stat, "prop")?.children ?? []);
  const found = propertiesWith("200");
  const type = found.find(({ name }) => name === "resourcetype");
  return {
    href,
    isFolder: type?.children.some(({ name }) => name === "collection") === true,
    properties: Object.fromEntries(found.map(({ name, text }) => [name, text])),
    absent: propertiesWith("404").map(({ name }) => name),
  };
}

function child({ children }: XmlNode, wanted: string): XmlNode | undefined {
  return children.find(({ name, namespace }) => name === wanted && namespace === "DAV:");
}
