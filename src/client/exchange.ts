import { request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connectionError, silent } from "./connection-error.ts";
import { isLoopback, type ServerAddress } from "./server-address.ts";

/** What is sent. */
export interface Sent {
  /** In capitals. */
  readonly method: string;
  /** Below the server's address, without `/` in front; with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes the body and ends the request. Without it there is none. */
  readonly writeBody?: (request: ClientRequest) => void;
  /** Rejects with its reason. */
  readonly signal: AbortSignal;
  /** So long may neither side send a byte. */
  readonly silenceInMs: number;
}

/** Whoever does not take a connection up by then is not there. */
const connectInMs = 15_000;

/**
 * Sends a request and resolves with the head of its answer, whatever its status. There is no limit on the
 * whole of it. A redirection is an answer: a token goes to the address that was given and to no other. Rejects
 * with `unreachable`.
 */
export function exchange(address: ServerAddress, sent: Sent): Promise<IncomingMessage> {
  const { url, token } = address;
  const { method, path, headers, writeBody, signal, silenceInMs } = sent;
  const target = new URL(path, url);
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  const own: Record<string, string> =
    token === undefined ? {} : { Authorization: `Bearer ${token}` };
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    // One connection each: none is kept that the server may close in the moment it is used again.
    const request = send(target, {
      method,
      headers: { ...own, ...headers },
      signal,
      agent: false,
      rejectUnauthorized: !isKnownOtherwise(address),
    });
    const lateness = setTimeout(
      () => request.destroy(silent(address, connectInMs / 1000)),
      connectInMs,
    );
    const isConnected = (): void => clearTimeout(lateness);
    request.once("socket", (socket) => socket.once("connect", isConnected));
    request.once("close", isConnected);
    let answer: IncomingMessage | undefined;
    request.setTimeout(silenceInMs, () =>
      (answer ?? request).destroy(silent(address, silenceInMs / 1000)),
    );
    request.once("response", (response) => {
      answer = response;
      resolve(response);
    });
    request.on("error", (error) => reject(reasonOf(error, signal, address)));
    if (writeBody === undefined) request.end();
    else writeBody(request);
  });
}

/** The bytes of an answer as they come. Rejects as `exchange`. */
export async function* bodyOf(
  answer: IncomingMessage,
  { address, signal }: { readonly address: ServerAddress; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const piece of answer) yield piece as Uint8Array;
  } catch (error) {
    throw reasonOf(error, signal, address);
  }
}

function reasonOf(error: unknown, signal: AbortSignal, address: ServerAddress): unknown {
  return signal.aborted ? signal.reason : connectionError(error, address);
}

/**
 * The data directory names a living process of this machine; its certificate is made out to the name by which
 * others reach it.
 */
function isKnownOtherwise({ url, found }: ServerAddress): boolean {
  return found && isLoopback(url);
}
