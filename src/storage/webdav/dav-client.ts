import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isWebPage, readShort, Refusal, refusalOf } from "./answer.ts";
import { Http, type HttpOrder } from "./http.ts";
import { readMultistatus, type DavEntry } from "./multistatus.ts";
import type { WebdavSettings } from "./settings.ts";
import type { Upload } from "./upload.ts";

export interface DavAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Its beginning, up to 64 KiB. */
  readonly body: Buffer;
}

/** The verbs of WebDAV (RFC 4918) at one server. What was not expected rejects with a `Refusal`. */
export class DavClient {
  readonly host: string;
  readonly #http: Http;
  /** How far the clock of the server is ahead of ours, in milliseconds. */
  #aheadMs = 0;
  /** Some servers behind a proxy know themselves under another name, and want a path instead of a URL. */
  #destinationAsPath = false;

  constructor(settings: Pick<WebdavSettings, "origin" | "account" | "trust">) {
    this.#http = new Http(settings);
    this.host = new URL(settings.origin).host;
  }

  /** Milliseconds since 1970 by the clock of the server. */
  get serverTime(): number {
    return Date.now() + this.#aheadMs;
  }

  /** A path, percent-encoded, of names as they lie at the server. */
  path(names: readonly string[], isFolder = false): string {
    const path = names.map((name) => `/${encodeURIComponent(name)}`).join("");
    return isFolder || path === "" ? `${path}/` : path;
  }

  /** Asks once and reads the whole of a short answer. @param expected statuses that are fine */
  async call(
    order: HttpOrder,
    expected: readonly number[],
    signal: AbortSignal,
  ): Promise<DavAnswer> {
    const answer = await this.#ask(order, expected, signal);
    const body = await readShort(answer, 64 * 1024);
    return { status: answer.statusCode ?? 0, headers: answer.headers, body };
  }

  /** Asks for a body; the answer's is for the caller to read or to destroy. */
  async get(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    return this.#ask({ method: "GET", path, headers }, [200, 206, 416], signal);
  }

  /** Properties of a resource (depth 0), or also of what lies in it (depth 1). */
  async *properties(
    question: { readonly path: string; readonly depth: 0 | 1; readonly names: readonly string[] },
    signal: AbortSignal,
  ): AsyncGenerator<readonly DavEntry[], void, undefined> {
    const { path, depth, names } = question;
    const headers = { depth: String(depth), "content-type": "application/xml; charset=utf-8" };
    const body = propfindBody(names);
    const answer = await this.#ask({ method: "PROPFIND", path, headers, body }, [207], signal);
    if (isWebPage(answer)) throw new Refusal(answer, "");
    yield* readMultistatus(answer as AsyncIterable<Uint8Array>);
  }

  /** Properties of one resource. */
  async propertiesOf(
    path: string,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<DavEntry | undefined> {
    let found: DavEntry | undefined;
    for await (const entries of this.properties({ path, depth: 0, names }, signal)) {
      found ??= entries[0];
    }
    return found;
  }

  /** Moves a resource to another path of this server, and replaces what is there if it may. */
  async move(
    from: string,
    to: { readonly path: string; readonly overwrite: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const send = async (): Promise<DavAnswer> => {
      const headers = {
        destination: this.destination(to.path),
        overwrite: to.overwrite ? "T" : "F",
      };
      return this.call({ method: "MOVE", path: from, headers }, [200, 201, 204], signal);
    };
    try {
      await send();
    } catch (error) {
      const isOtherName = error instanceof Refusal && [400, 502].includes(error.status);
      if (!isOtherName || this.#destinationAsPath) throw error;
      this.#destinationAsPath = true;
      try {
        await send();
      } catch (again) {
        this.#destinationAsPath = false;
        throw again instanceof Refusal ? error : again;
      }
    }
  }

  /** Value of the header `Destination` for a path. */
  destination(path: string): string {
    return this.#destinationAsPath ? path : `${this.#http.origin}${path}`;
  }

  /** Removes a resource; one that is gone already is fine. */
  async delete(path: string, signal: AbortSignal): Promise<boolean> {
    const order = { method: "DELETE", path };
    const { status } = await this.call(order, [200, 202, 204, 404, 410], signal);
    return status < 300;
  }

  /** Begins a request with a body in pieces; the answer is for `finish` to judge. */
  async upload(order: HttpOrder, length: number | undefined, signal: AbortSignal): Promise<Upload> {
    return this.#http.upload(order, length, signal);
  }

  /** Ends a request with a body in pieces. Rejects if it was refused, also in the middle. */
  async finish(upload: Upload): Promise<DavAnswer> {
    const answer = await upload.end();
    await this.#check(answer, [200, 201, 204]);
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: await readShort(answer, 4096),
    };
  }

  async #ask(
    order: HttpOrder,
    expected: readonly number[],
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    let { path } = order;
    for (let hops = 0; ; hops += 1) {
      const answer = await this.#http.send({ ...order, path }, signal);
      const next = hops < 5 ? this.#sameServer(answer, path) : undefined;
      if (next === undefined) {
        await this.#check(answer, expected);
        return answer;
      }
      await readShort(answer, 64 * 1024);
      path = next;
    }
  }

  /** Throws the `Refusal` for a status that was not expected. */
  async #check(answer: IncomingMessage, expected: readonly number[]): Promise<void> {
    const time = Date.parse(answer.headers.date ?? "");
    if (!Number.isNaN(time)) this.#aheadMs = time - Date.now();
    if (expected.includes(answer.statusCode ?? 0)) return;
    const refusal = await refusalOf(answer);
    if (refusal.retryAfterSeconds !== undefined && [429, 503].includes(refusal.status)) {
      this.#http.leaveAlone(refusal.retryAfterSeconds);
    }
    throw refusal;
  }

  /** Where a redirect leads if that is this very server; every other would get the password. */
  #sameServer(answer: IncomingMessage, path: string): string | undefined {
    if (![301, 302, 307, 308].includes(answer.statusCode ?? 0)) return undefined;
    const to = URL.parse(answer.headers.location ?? "", `${this.#http.origin}${path}`);
    return to?.origin === this.#http.origin ? `${to.pathname}${to.search}` : undefined;
  }
}

function propfindBody(names: readonly string[]): string {
  const properties = names.map((name) => {
    const [namespace = "", local = ""] = name.split(" ");
    return `<x:${local} xmlns:x="${namespace}"/>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop>${properties.join("")}</d:prop></d:propfind>`;
}
