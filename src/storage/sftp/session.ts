import type { Socket } from "node:net";
import type { Client, SFTPWrapper } from "ssh2";
import { StorageError } from "../errors.ts";
import { settledOrAborted } from "../interruptible.ts";
import { connectSsh } from "./connection.ts";
import { NotOfferedError } from "./errors.ts";
import type { SftpSettings } from "./settings.ts";

/** Hands a request to the library, with the function that it calls with the answer. */
export type Ask<Result> = (
  sftp: SFTPWrapper,
  answer: (error: Error | null | undefined, result: Result) => void,
) => void;

/**
 * An SFTP session on a connection of its own. Requests may overlap. Once the connection is lost, every request rejects
 * with `unreachable`; the library alone would leave some of them waiting for ever.
 */
export class SftpSession {
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #sftp: SFTPWrapper;
  readonly #waiting = new Set<(error: unknown) => void>();
  #lost: Error | undefined;
  #heardAt = performance.now();

  private constructor(client: Client, socket: Socket, sftp: SFTPWrapper) {
    this.#client = client;
    this.#socket = socket;
    this.#sftp = sftp;
  }

  /** Rejects as `connectSsh`, and with `unsupported` where the server has no SFTP. */
  static async open(settings: SftpSettings, signal: AbortSignal): Promise<SftpSession> {
    const { client, socket } = await connectSsh(settings, signal);
    const { host, port } = settings;
    const lost = new StorageError("unreachable", `The connection to ${host} port ${port} was lost`);
    const opening = new Promise<SftpSession>((resolve, reject) => {
      client.once("close", () => reject(lost));
      client.sftp((error, sftp) => {
        if (error !== undefined) return reject(noSftp(host, error));
        const session = new SftpSession(client, socket, sftp);
        const lose = (): void => session.#lose(lost);
        client.on("close", lose).on("error", lose);
        sftp.on("close", lose).on("error", lose);
        resolve(session);
      });
    });
    try {
      return await settledOrAborted(opening, signal);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  get alive(): boolean {
    return this.#lost === undefined;
  }

  /** Says whether the session keeps the process alive. */
  hold(held: boolean): void {
    if (held) this.#socket.ref();
    else this.#socket.unref();
  }

  /** Says good-bye; nothing may be at work. */
  end(): void {
    this.#client.end();
  }

  /** Breaks the connection; whatever waits is `unreachable`. */
  break(): void {
    this.#socket.destroy();
  }

  /**
   * The answer to a request. Rejects with the server's answer, told by `statusOf`, with `NotOfferedError` for an
   * extension that the server has not announced, or with the signal's reason. Giving up on a server that has said
   * nothing for a minute breaks the connection, so that the next call gets another.
   */
  async ask<Result>(request: Ask<Result>, signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const since = performance.now();
    try {
      return await settledOrAborted(this.#answer(request), signal);
    } catch (error) {
      const heardAt = Math.max(since, this.#heardAt);
      if (signal.aborted && performance.now() - heardAt > silenceInMs) this.break();
      throw error;
    }
  }

  #answer<Result>(request: Ask<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#lost !== undefined) throw this.#lost;
      this.#waiting.add(reject);
      const answered = (error: Error | null | undefined, result: Result): void => {
        this.#waiting.delete(reject);
        this.#heardAt = performance.now();
        if (error) reject(error);
        else resolve(result);
      };
      try {
        request(this.#sftp, answered);
      } catch (error) {
        this.#waiting.delete(reject);
        reject(isNotAnnounced(error) ? new NotOfferedError(error.message) : error);
      }
    });
  }

  #lose(reason: Error): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    for (const reject of this.#waiting) reject(reason);
    this.#waiting.clear();
    this.#socket.destroy();
  }
}

const silenceInMs = 60_000;

/** How the library refuses to send what the server has not announced. */
function isNotAnnounced(error: unknown): error is Error {
  return error instanceof Error && /does not support this extended request/.test(error.message);
}

function noSftp(host: string, cause: Error): StorageError {
  return new StorageError("unsupported", `${host} offers no SFTP to this user (${cause.message})`, {
    cause,
  });
}
