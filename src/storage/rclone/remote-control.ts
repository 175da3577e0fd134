import { Agent, request } from "node:http";
import type { IncomingMessage } from "node:http";
import { json, text } from "node:stream/consumers";
import { StorageError } from "../errors.ts";
import { settledOrAborted } from "../interruptible.ts";
import type { ByteRange } from "../provider.ts";
import { RcloneDaemon } from "./daemon.ts";
import { lastReason, rcloneError } from "./errors.ts";
import { toRemotePath } from "./remote-name.ts";
import type { RcloneSettings } from "./settings.ts";

/** A call of rclone's remote control. Source: rclone.org/rc. */
export interface RemoteCall {
  /** Such as `operations/stat`. */
  readonly command: string;
  /** Beside `fs`, which is added. Paths are rclone's, not keys. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Whom a failure is about: a key, or what the place is called. */
  readonly subject: string;
}

/**
 * Speaks with the rclone of one place. It is started when it is needed, again if it died, and ended when nothing was asked of
 * it for a minute.
 */
export class RemoteControl {
  readonly #settings: RcloneSettings;
  readonly #agent = new Agent({ keepAlive: true });
  #starting: Promise<RcloneDaemon> | undefined;
  #daemon: RcloneDaemon | undefined;
  #asked = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(settings: RcloneSettings) {
    this.#settings = settings;
  }

  /** The answer as an object. Rejects with a `StorageError`. */
  async call(
    { command, parameters, subject }: RemoteCall,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>> {
    const daemon = await this.#started(signal);
    const body = JSON.stringify({
      fs: daemon.fs,
      dstFs: daemon.fs,
      srcFs: daemon.fs,
      ...parameters,
    });
    const order = { method: "POST", path: `/${command}`, body, subject };
    const answer = await this.#ask(daemon, order, signal);
    const failed = answer.statusCode !== 200;
    const said = await translated(json(answer), { daemon, subject, signal });
    const fields: Readonly<Record<string, unknown>> =
      typeof said === "object" && said !== null ? { ...said } : {};
    if (failed) throw rcloneError(textIn(fields["error"]), subject, { key: subject });
    return fields;
  }

  /** Bytes of an object. A range beyond its end gives what there is. */
  async read(
    key: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>> {
    const daemon = await this.#started(signal);
    const names = toRemotePath(key).split("/").map(encodeURIComponent).join("/");
    const path = `/${encodeURIComponent(`[${daemon.fs}]`)}/${names}`;
    const order = { method: "GET", path, subject: key, ...rangeHeader(range) };
    const answer = await this.#ask(daemon, order, signal);
    const status = answer.statusCode ?? 0;
    if (status === 416 || beginsBehindEnd(answer)) {
      answer.destroy();
      return none();
    }
    if (status === 200 || status === 206) return bytesOf(answer, { daemon, subject: key, signal });
    const said = await translated(text(answer), { daemon, subject: key, signal });
    throw rcloneError(errorIn(said), key, { key });
  }

  /** Ends rclone; it is started again when something is asked. */
  stop(): void {
    this.#daemon?.stop();
    this.#daemon = undefined;
    this.#agent.destroy();
  }

  async #started(signal: AbortSignal): Promise<RcloneDaemon> {
    signal.throwIfAborted();
    if (this.#daemon?.isAlive === true) return this.#daemon;
    this.#starting ??= RcloneDaemon.start(this.#settings)
      .then((daemon) => {
        this.#agent.destroy();
        return (this.#daemon = daemon);
      })
      .finally(() => (this.#starting = undefined));
    return settledOrAborted(this.#starting, signal);
  }

  #ask(daemon: RcloneDaemon, order: Order, signal: AbortSignal): Promise<IncomingMessage> {
    this.#begun();
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const headers = {
      authorization: daemon.authorization,
      ...(order.body === undefined
        ? {}
        : {
            "content-type": "application/json",
            "content-length": Buffer.byteLength(order.body),
          }),
      ...(order.range === undefined ? {} : { range: order.range }),
    };
    const asking = request(
      {
        ...daemon.address,
        agent: this.#agent,
        method: order.method,
        path: order.path,
        headers,
        signal,
      },
      resolve,
    );
    asking.once("error", reject).once("close", () => this.#ended());
    asking.end(order.body);
    return translated(promise, { daemon, subject: order.subject, signal });
  }

  #begun(): void {
    this.#asked += 1;
    clearTimeout(this.#idle);
  }

  #ended(): void {
    this.#asked -= 1;
    if (this.#asked > 0) return;
    this.#idle = setTimeout(() => this.stop(), idleInMs).unref();
  }
}

const idleInMs = 60_000;

interface Order {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly range?: string;
  readonly subject: string;
}

interface Circumstances {
  readonly daemon: RcloneDaemon;
  readonly subject: string;
  readonly signal: AbortSignal;
}

/** The result of speaking with rclone; what goes wrong means that it ended, and its last words say why. */
async function translated<Result>(
  work: Promise<Result>,
  { daemon, subject, signal }: Circumstances,
): Promise<Result> {
  try {
    return await work;
  } catch (cause) {
    signal.throwIfAborted();
    await daemon.ended(lastWordsInMs);
    const reason = lastReason(daemon.log);
    if (daemon.isAlive || reason === "") {
      const message = `${subject}: the connection with rclone broke`;
      throw new StorageError("unreachable", message, { key: subject, cause });
    }
    throw rcloneError(reason, subject, { key: subject, cause });
  }
}

/** How long a process whose connection broke may take to end. */
const lastWordsInMs = 1000;

async function* bytesOf(
  answer: IncomingMessage,
  circumstances: Circumstances,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { subject, signal, daemon } = circumstances;
  const chunks: AsyncIterator<Uint8Array> = answer[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next();
      if (next.done === true) return;
      yield next.value;
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw rcloneError(reasonFor(subject, daemon.log), subject, { key: subject, cause });
  } finally {
    answer.destroy();
  }
}

/** Why rclone broke off a download: it says so in its log alone. */
function reasonFor(key: string, log: string): string {
  const path = toRemotePath(key);
  const line = log
    .split("\n")
    .findLast((said) => said.includes(`${path}: `) && said.includes("Didn't finish writing"));
  return line === undefined
    ? "unexpected EOF"
    : line.slice(line.indexOf(`${path}: `) + path.length + 2);
}

async function* none(): AsyncGenerator<Uint8Array, void, undefined> {
  // Nothing.
}

function rangeHeader(range: ByteRange | undefined): { readonly range?: string } {
  if (range === undefined) return {};
  const last = range.length === undefined ? "" : range.offset + range.length - 1;
  return { range: `bytes=${range.offset}-${last}` };
}

/** rclone 1.60 answers a range behind the end with one that goes backwards. */
function beginsBehindEnd({ headers }: IncomingMessage): boolean {
  const [, first = 0, last = 0] = /^bytes (\d+)-(\d+)\//.exec(headers["content-range"] ?? "") ?? [];
  return Number(first) > Number(last);
}

function errorIn(said: string): string {
  try {
    const found: unknown = JSON.parse(said);
    if (typeof found === "object" && found !== null && "error" in found) return textIn(found.error);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return said;
}

function textIn(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}
