import { request as requestHttp } from "node:http";
import type { IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import { StorageError } from "../errors.ts";
import { syncthingError } from "./errors.ts";
import type { SyncthingSettings } from "./settings.ts";

type Query = Readonly<Record<string, string>>;

/** Syncthing's own interface. Source: docs.syncthing.net/dev/rest.html. */
export class SyncthingApi {
  /** For people. */
  readonly address: string;
  readonly #settings: SyncthingSettings;

  constructor(settings: SyncthingSettings) {
    this.#settings = settings;
    this.address = settings.apiUrl.origin;
  }

  /** The answer's JSON; undefined where Syncthing knows of no such thing. Rejects with a `StorageError`. */
  async get(path: string, query: Query, signal: AbortSignal): Promise<unknown> {
    const answer = await this.#ask({ method: "GET", path, query }, signal);
    if (answer.status === 404) return undefined;
    const { said } = this.#checked(answer);
    try {
      return JSON.parse(said);
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw new StorageError("unsupported", `What answers at ${this.address} is no Syncthing`);
    }
  }

  /** Asks for something to be done, and waits until it is. A body is sent as JSON. */
  async post(order: Omit<Question, "method">, signal: AbortSignal): Promise<void> {
    this.#checked(await this.#ask({ ...order, method: "POST" }, signal));
  }

  #checked(answer: Answer): Answer {
    const { status, said } = answer;
    if (status !== 200) throw syncthingError({ address: this.address, status, said });
    return answer;
  }

  async #ask({ method, path, query, body }: Question, signal: AbortSignal): Promise<Answer> {
    signal.throwIfAborted();
    const { apiUrl, apiKey } = this.#settings;
    const url = new URL(`${apiUrl.pathname.replace(/\/$/, "")}/rest/${path}`, apiUrl);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const request = url.protocol === "https:" ? requestHttps : requestHttp;
    const headers = { "x-api-key": apiKey };
    // A connection that was kept may be one to a Syncthing that has ended since.
    request(url, { method, headers, signal, agent: false, ...this.#trust(url) }, resolve)
      .once("error", reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
    try {
      const answer = await promise;
      return { status: answer.statusCode ?? 0, said: await text(answer) };
    } catch (cause) {
      signal.throwIfAborted();
      throw syncthingError({ address: this.address, cause });
    }
  }

  /** Syncthing makes its certificate itself, in the name of the machine: it is the one that is given or it is not. */
  #trust({ protocol, hostname }: URL): object {
    const { certificate } = this.#settings;
    if (protocol !== "https:") return {};
    if (certificate !== undefined) return { ca: certificate, checkServerIdentity: () => undefined };
    // What stays on this machine needs no proof of who it is.
    return { rejectUnauthorized: !isLoopback(hostname) };
  }
}

interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query: Query;
  readonly body?: unknown;
}

interface Answer {
  readonly status: number;
  readonly said: string;
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
