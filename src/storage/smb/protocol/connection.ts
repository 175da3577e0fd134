import { settledOrAborted } from "../../interruptible.ts";
import { Credits } from "./credits.ts";
import { dialects, type Agreement } from "./dialect.ts";
import { header, headerBytes, type Command } from "./header.ts";
import type { Protection } from "./protection.ts";
import { SmbConnectionError, SmbError } from "./smb-error.ts";
import { ntStatus, type NtStatusName } from "./status.ts";
import { Transport, type ServerAddress } from "./transport.ts";

export interface SmbRequest {
  readonly command: Command;
  /** The request behind its head. The last part may be large; it must stay as it is until there is an answer. */
  readonly body: readonly Buffer[];
  readonly treeId?: number;
  /** Bytes that are carried there or back, as far as they are many: they are paid for in advance. */
  readonly bytes?: number;
  /** Answers that are none of success and yet as good. */
  readonly allow?: readonly NtStatusName[];
  /** Signed whatever was agreed upon. */
  readonly signed?: boolean;
  /** The answer has to be signed, too. */
  readonly answerSigned?: boolean;
}

export interface SmbAnswer {
  readonly status: number;
  /** All of it, from its head on. What follows the head begins at 64. */
  readonly message: Buffer;
  /** The request as it was sent, for the hash that keys are bound to. */
  readonly sent: readonly Buffer[];
}

interface Waiting {
  readonly request: SmbRequest;
  readonly charge: number;
  readonly parts: readonly Buffer[];
  resolve(answer: SmbAnswer): void;
  reject(error: Error): void;
}

const creditBytes = 65_536;
const longestPiece = 1024 * 1024;
/** Time for an answer that nobody waits for any more; a server that does not even give that is given up on. */
const graceInMs = 5000;

/**
 * One connection to a server: requests and their answers, many at a time, as far as the server has given credit for
 * ([MS-SMB2] 3.2.4.1.5). Rejections: `SmbError` for the server's no, `SmbConnectionError` where there is no answer.
 */
export class SmbConnection {
  /** What was agreed upon. Set once, by whoever negotiates. */
  agreement: Agreement | undefined;
  /** Set by whoever signs in. */
  protection: Protection | undefined;
  /** Counted by those who open and close them. */
  openFiles = 0;
  readonly #credits = new Credits();
  readonly #waiting = new Map<bigint, Waiting>();
  #transport!: Transport;
  #end: SmbConnectionError | undefined;

  static async open(address: ServerAddress, signal: AbortSignal): Promise<SmbConnection> {
    const connection = new SmbConnection();
    connection.#transport = await Transport.connect(
      address,
      {
        message: (message) => connection.#receive(message),
        ended: (error) => connection.#ended(error),
      },
      signal,
    );
    connection.#transport.awaited = false;
    return connection;
  }

  /** True while nothing is under way and no file is open. */
  get idle(): boolean {
    return this.#waiting.size === 0 && this.openFiles === 0;
  }

  /** The server's clock, as milliseconds since 1970. */
  get serverNow(): number {
    const agreement = this.agreement;
    // Some servers tell nothing; then ours has to do.
    if (agreement === undefined || agreement.serverTime <= 0) return Date.now();
    return agreement.serverTime + (performance.now() - agreement.agreedAt);
  }

  /** The most that one request is to carry: what was agreed upon, and no more than leaves room for others under way. */
  pieceBytes(agreed: number): number {
    const fair = Math.max(1, Math.floor(this.#credits.granted / 4)) * creditBytes;
    return Math.min(agreed, fair, longestPiece);
  }

  get lost(): boolean {
    return this.#transport.ended;
  }

  /**
   * Asks, and waits for the answer. An aborted signal ends the waiting.
   * @param late gets the answer that nobody waits for any more
   */
  async request(
    request: SmbRequest,
    signal?: AbortSignal,
    late: (answer: SmbAnswer) => void = () => undefined,
  ): Promise<SmbAnswer> {
    signal?.throwIfAborted();
    const answer = this.#ask(request);
    if (signal === undefined) return answer;
    return settledOrAborted(answer, signal).catch((error: unknown) => {
      if (signal.aborted) {
        answer.then(late, () => undefined);
        this.#giveUpIfSilent(answer);
      }
      throw error;
    });
  }

  /** Ends the connection. The server then closes, and gives up, whatever was open. */
  end(error = new SmbConnectionError("lost", "the connection was ended")): void {
    this.#transport.end(error);
  }

  async #ask(request: SmbRequest): Promise<SmbAnswer> {
    const wanted = Math.max(1, Math.ceil((request.bytes ?? 0) / creditBytes));
    const { charge, number } = await this.#credits.take(wanted);
    if (this.#end !== undefined) throw this.#end;
    const head = header.make({
      command: request.command,
      number,
      charge: this.#isOldest ? 0 : charge,
      credits: this.#credits.wish(charge),
      treeId: request.treeId ?? 0,
      sessionId: this.protection?.sessionId ?? 0n,
    });
    const parts = [head, ...request.body];
    const answer = new Promise<SmbAnswer>((resolve, reject) => {
      this.#waiting.set(number, { request, charge, parts, resolve, reject });
    });
    this.#transport.awaited = true;
    const guarded = this.protection?.guard(parts, request.signed === true) ?? parts;
    this.#transport.send(guarded);
    return answer;
  }

  get #isOldest(): boolean {
    return this.agreement === undefined || this.agreement.dialect === dialects["2.0"];
  }

  #receive(received: Buffer): void {
    try {
      this.#handle(this.protection?.open(received) ?? received);
    } catch (error) {
      const trouble =
        error instanceof SmbConnectionError
          ? error
          : new SmbConnectionError("not-understood", "an answer makes no sense", { cause: error });
      this.#transport.end(trouble);
    }
  }

  #handle(message: Buffer): void {
    if (!header.isOne(message))
      throw new SmbConnectionError("not-understood", "what answers there does not speak SMB2");
    const waiting = this.#waiting.get(header.number(message));
    const status = header.status(message);
    // What we have not asked for, such as the news that somebody else wants a file.
    if (waiting === undefined) return;
    const pending = status === ntStatus.PENDING;
    this.#credits.give(header.credits(message), pending ? 0 : waiting.charge);
    if (pending) return;
    this.protection?.check(message, waiting.request.answerSigned === true);
    this.#waiting.delete(header.number(message));
    this.#transport.awaited = this.#waiting.size > 0;
    if (isGood(status, waiting.request)) waiting.resolve({ status, message, sent: waiting.parts });
    else waiting.reject(new SmbError(status));
  }

  #ended(error: SmbConnectionError): void {
    this.#end = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
    this.#credits.end(error);
  }

  #giveUpIfSilent(answer: Promise<SmbAnswer>): void {
    const timer = setTimeout(
      () => this.end(new SmbConnectionError("silent", "the server no longer answers")),
      graceInMs,
    ).unref();
    const settled = (): void => clearTimeout(timer);
    answer.then(settled, settled);
  }
}

function isGood(status: number, { allow = [] }: SmbRequest): boolean {
  return status === ntStatus.SUCCESS || allow.some((name) => ntStatus[name] === status);
}

/** The first byte behind the head of an answer. */
export const bodyAt = headerBytes;
