import { StorageError } from "../errors.ts";
import type { SftpSession } from "./session.ts";

/** A file that is open at the server. */
export interface OpenFile {
  readonly session: SftpSession;
  readonly handle: Buffer;
  readonly key: string;
}

/** Bytes from `offset` up to `end`, which must exist. */
export interface Stretch {
  readonly offset: number;
  readonly end: number;
}

/** What OpenSSH answers at most at once (`limits@openssh.com`); others get smaller requests from the library. */
export const requestBytes = 255 * 1024;
const requestsAhead = 32;

/** Bytes of a file in their order, with requests ahead: each waits a whole round trip, and a line has room for many. */
export async function* readAhead(
  file: OpenFile,
  { offset, end }: Stretch,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  const asked: Promise<Uint8Array>[] = [];
  let next = offset;
  for (;;) {
    while (next < end && asked.length < requestsAhead) {
      const length = Math.min(requestBytes, end - next);
      const request = readFully(file, { offset: next, end: next + length }, signal);
      // It is waited for in its turn, or never if the reader goes away.
      request.catch(() => undefined);
      asked.push(request);
      next += length;
    }
    const first = asked.shift();
    if (first === undefined) return;
    yield await first;
  }
}

/** All of the bytes; a server may give fewer at a time than it was asked for. */
async function readFully(
  { session, handle, key }: OpenFile,
  { offset, end }: Stretch,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(end - offset);
  let filled = 0;
  while (filled < bytes.length) {
    const at = filled;
    const left = bytes.length - at;
    const count = await session.ask<number>(
      (sftp, answer) => sftp.read(handle, bytes, at, left, offset + at, answer),
      signal,
    );
    if (count === 0) {
      throw new StorageError("damaged", `${key} ends at byte ${offset + filled}, before its end`, {
        key,
      });
    }
    filled += count;
  }
  return bytes;
}
