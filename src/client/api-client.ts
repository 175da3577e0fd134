import {
  object,
  safeParse,
  string,
  type GenericSchema,
  type InferInput,
  type InferOutput,
  type ObjectEntries,
} from "valibot";
import type { IncomingHttpHeaders } from "node:http";
import { SafehouseError } from "#core/model/problem.ts";
import type { InputSchema, Operation } from "#operations/operation.ts";
import { noSafehouse } from "./connection-error.ts";
import { bodyOf, exchange, type Sent } from "./exchange.ts";
import { operationRequest } from "./operation-request.ts";
import { jsonOf, refusal } from "./refusal.ts";
import { addressText, type ServerAddress } from "./server-address.ts";
import { serverSentEvents, type ServerSentEvent } from "./server-sent-events.ts";

const api = "api/v1";
const home = `${api}/homes/home`;

/** An answer comes when all is done, and a slow location may take its time. */
const answerInMs = 15 * 60_000;
/** A server shows every fifteen seconds that it is there. */
const eventInMs = 45_000;
const largestAnswer = 256 * 1024 * 1024;

/** A request; its path begins with `/`. */
export interface StreamSent extends Omit<Sent, "silenceInMs"> {
  /** Goes along as the body, if there is no other. */
  readonly json?: Readonly<Record<string, unknown>>;
}

export interface StreamAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** Asks a server of ours over HTTP. */
export class ApiClient {
  readonly address: ServerAddress;
  readonly #version: string;

  /** @param version of this program; told where the server is of another one */
  constructor(address: ServerAddress, version: string) {
    this.address = address;
    this.#version = version;
  }

  /**
   * Has an operation done and returns its answer, checked. Rejects as the operation does there; with
   * `unreachable`; with `denied` for a token that the server does not take; and with `unsupported` for an answer
   * that this version does not know.
   */
  async call<Entries extends ObjectEntries, Output extends GenericSchema>(
    operation: Operation<Entries, Output>,
    input: InferInput<InputSchema<Entries>>,
    signal: AbortSignal,
  ): Promise<InferOutput<Output>> {
    const { method, path, body } = operationRequest(operation, { ...input });
    const sent = { method, path: `${home}${path}`, signal, silenceInMs: answerInMs };
    const said = await this.#document(withJson(sent, body));
    return this.understand(operation.output, said, signal);
  }

  /** Asks for what is about the server and no home, below `/api/v1`. Rejects as `call`. */
  async ask<Schema extends GenericSchema>(
    schema: Schema,
    sent: StreamSent,
  ): Promise<InferOutput<Schema>> {
    const path = `${api}${sent.path}`;
    const whole = { silenceInMs: answerInMs, ...sent, path };
    const said = await this.#document(withJson(whole, sent.json && JSON.stringify(sent.json)));
    return this.understand(schema, said, sent.signal);
  }

  /** What the server has said, checked. Rejects with `unsupported` for what this version does not know. */
  async understand<Schema extends GenericSchema>(
    schema: Schema,
    said: unknown,
    signal: AbortSignal,
  ): Promise<InferOutput<Schema>> {
    const checked = safeParse(schema, said);
    if (checked.success) return checked.output;
    throw await this.#otherVersion(signal);
  }

  /** What the server tells of runs and changes, until the line breaks. Rejects as `call`. */
  async *events(signal: AbortSignal): AsyncGenerator<ServerSentEvent, void, undefined> {
    const headers = { Accept: "text/event-stream" };
    const path = `${home}/events`;
    const bytes = await this.#bytes({
      method: "GET",
      path,
      headers,
      signal,
      silenceInMs: eventInMs,
    });
    try {
      yield* serverSentEvents(bytes);
    } catch (error) {
      if (error instanceof RangeError) throw noSafehouse(this.address, "it sends no events", error);
      throw error;
    }
  }

  /**
   * A request below the home whose body or answer is bytes. Rejects as `call`; the bytes reject if they do not
   * come whole.
   */
  async stream(sent: StreamSent): Promise<StreamAnswer> {
    const path = `${home}${sent.path}`;
    const whole = { silenceInMs: answerInMs, ...sent, path };
    return this.#answer(withJson(whole, sent.json && JSON.stringify(sent.json)));
  }

  /** The JSON that such an answer holds, checked. Rejects as `call`. */
  async read<Schema extends GenericSchema>(
    schema: Schema,
    { bytes }: StreamAnswer,
    signal: AbortSignal,
  ): Promise<InferOutput<Schema>> {
    return this.understand(schema, await this.#documentIn(bytes), signal);
  }

  async #document(sent: Sent): Promise<unknown> {
    return this.#documentIn(await this.#bytes(sent));
  }

  async #documentIn(bytes: AsyncIterable<Uint8Array>): Promise<unknown> {
    const text = await textOf(bytes, this.address);
    const document = jsonOf(text);
    if (document !== undefined) return document;
    throw noSafehouse(this.address, "it answers with something that is no JSON");
  }

  async #bytes(sent: Sent): Promise<AsyncIterable<Uint8Array>> {
    return (await this.#answer(sent)).bytes;
  }

  /** A good answer. */
  async #answer(sent: Sent): Promise<StreamAnswer> {
    const { address } = this;
    const answer = await exchange(address, sent);
    const bytes = bodyOf(answer, { address, signal: sent.signal });
    const { statusCode = 0 } = answer;
    if (statusCode >= 200 && statusCode < 300) return { headers: answer.headers, bytes };
    const failure = refusal(statusCode, await textOf(bytes, address), address);
    throw isUnknownThere(failure, sent) ? await this.#otherVersion(sent.signal) : failure;
  }

  async #otherVersion(signal: AbortSignal): Promise<SafehouseError> {
    const sent = { method: "GET", path: `${api}/openapi.json`, signal, silenceInMs: answerInMs };
    const described = safeParse(description, await this.#document(sent));
    const version = described.success ? described.output.info.version : "an unknown version";
    const text = addressText(this.address);
    return new SafehouseError(
      "unsupported",
      `The server at ${text} answers in a way that this program does not know: it is ${version}, and this is ${this.#version}`,
      { subject: text, advice: "Use the same version of Safehouse on both sides" },
    );
  }
}

const description = object({ info: object({ version: string() }) });

/** The server knows no such address, rather than no such thing. */
function isUnknownThere(failure: Error, { path }: Sent): boolean {
  const [asked] = path.split("?");
  const known = failure instanceof SafehouseError && failure.problem === "not-found";
  return known && path.startsWith(home) && failure.subject === `/${asked}`;
}

function withJson(sent: Sent, body: string | undefined): Sent {
  if (body === undefined) return sent;
  const bytes = Buffer.from(body);
  const headers = { "Content-Type": "application/json", "Content-Length": String(bytes.length) };
  return { ...sent, headers, writeBody: (request) => void request.end(bytes) };
}

async function textOf(bytes: AsyncIterable<Uint8Array>, address: ServerAddress): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > largestAnswer) throw noSafehouse(address, "its answer does not end");
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
