import { connect, type Socket } from "node:net";
import { SmbConnectionError } from "./smb-error.ts";

export interface ServerAddress {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
}

export interface TransportEvents {
  /** A whole message; its bytes belong to whoever gets it. */
  message(message: Buffer): void;
  /** Comes once, whoever has ended it. */
  ended(error: SmbConnectionError): void;
}

/** Longer than any answer to what we ask for. */
const longestMessage = 9 * 1024 * 1024;
const receiveBytes = 512 * 1024;
const answerInMs = 15_000;
const keepAliveInMs = 30_000;

/**
 * Messages over TCP, each with its length in front of it, [MS-SMB2] 2.1. While nothing is waited for, it does not keep
 * the program alive.
 */
export class Transport {
  readonly #socket: Socket;
  readonly #events: TransportEvents;
  #head = Buffer.alloc(0);
  #message: Buffer | undefined;
  #filled = 0;
  #ended = false;

  private constructor(address: ServerAddress, events: TransportEvents) {
    this.#events = events;
    const buffer = Buffer.allocUnsafeSlow(receiveBytes);
    this.#socket = connect({
      ...address,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveInMs,
      // One buffer for all that comes in: without it every 64 KiB are memory of their own.
      onread: { buffer, callback: (bytes) => this.#receive(buffer.subarray(0, bytes)) },
    });
  }

  /** Rejects with `not-connected` or `silent`, or with the signal's reason. */
  static async connect(
    address: ServerAddress,
    events: TransportEvents,
    signal: AbortSignal,
  ): Promise<Transport> {
    signal.throwIfAborted();
    const transport = new Transport(address, events);
    try {
      await transport.#connected(signal);
    } catch (error) {
      transport.#ended = true;
      transport.#socket.on("error", () => undefined).destroy();
      throw error;
    }
    transport.#watch();
    return transport;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Sends one message that consists of the parts. They must stay as they are until it was answered. */
  send(parts: readonly Buffer[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32BE(length);
    this.#socket.cork();
    this.#socket.write(prefix);
    for (const part of parts) if (part.length > 0) this.#socket.write(part);
    this.#socket.uncork();
  }

  /** Whether somebody waits for an answer. */
  set awaited(awaited: boolean) {
    if (awaited) this.#socket.ref();
    else this.#socket.unref();
  }

  /** Ends it at once. What waits hears the error. */
  end(error: SmbConnectionError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket.destroy();
    this.#events.ended(error);
  }

  #connected(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const silent = setTimeout(
      () => reject(new SmbConnectionError("silent", "nothing answers")),
      answerInMs,
    );
    const onAbort = (): void => reject(signal.reason as Error);
    const onError = (cause: Error): void =>
      reject(new SmbConnectionError("not-connected", codeOf(cause), { cause }));
    signal.addEventListener("abort", onAbort, { once: true });
    this.#socket.once("connect", resolve).once("error", onError);
    return promise.finally(() => {
      clearTimeout(silent);
      signal.removeEventListener("abort", onAbort);
      this.#socket.off("connect", resolve).off("error", onError);
    });
  }

  #watch(): void {
    const lost = (cause?: Error): void => {
      const what = cause === undefined ? "the connection was closed" : codeOf(cause);
      this.end(new SmbConnectionError("lost", what, { cause }));
    };
    this.#socket
      .on("error", lost)
      .on("end", () => lost())
      .on("close", () => lost());
  }

  #receive(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length && !this.#ended) {
      if (this.#message === undefined) at += this.#receiveHead(bytes.subarray(at));
      else at += this.#receiveBody(this.#message, bytes.subarray(at));
    }
    return true;
  }

  #receiveHead(bytes: Buffer): number {
    const taken = Math.min(4 - this.#head.length, bytes.length);
    this.#head = Buffer.concat([this.#head, bytes.subarray(0, taken)]);
    if (this.#head.length < 4) return taken;
    const length = this.#head.readUInt32BE(0);
    this.#head = Buffer.alloc(0);
    if (length > longestMessage)
      this.end(new SmbConnectionError("not-understood", "what answers there does not speak SMB"));
    // Keep-alives of NetBIOS have type 0x85 and no length; they end up above and nobody sends them over TCP alone.
    else if (length > 0) this.#message = Buffer.allocUnsafeSlow(length);
    return taken;
  }

  #receiveBody(message: Buffer, bytes: Buffer): number {
    const taken = Math.min(message.length - this.#filled, bytes.length);
    message.set(bytes.subarray(0, taken), this.#filled);
    this.#filled += taken;
    if (this.#filled < message.length) return taken;
    this.#message = undefined;
    this.#filled = 0;
    this.#events.message(message);
    return taken;
  }
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : error.message;
}
