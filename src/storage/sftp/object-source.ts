import type { Stats } from "ssh2";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import { translating } from "./errors.ts";
import { readAhead } from "./read-ahead.ts";
import type { SftpSession } from "./session.ts";
import { isRegularFile } from "./stored-object.ts";

/** A file that is open for reading, and how long it is. */
export interface ReadableFile {
  readonly session: SftpSession;
  readonly handle: Buffer;
  readonly key: string;
  readonly size: number;
}

/** Opens a regular file; links are not followed. Rejects with the server's answer and `not-found`. */
export async function openFile(
  session: SftpSession,
  { key, path }: { readonly key: string; readonly path: string },
  signal: AbortSignal,
): Promise<ReadableFile> {
  const there = await session.ask<Stats>((sftp, answer) => sftp.lstat(path, answer), signal);
  // Opening a pipe would wait for somebody who writes into it.
  if (!isRegularFile(there)) throw notRegular(key);
  const handle = await session.ask<Buffer>((sftp, answer) => sftp.open(path, "r", answer), signal);
  const { size } = await session.ask<Stats>((sftp, answer) => sftp.fstat(handle, answer), signal);
  return { session, handle, key, size };
}

/** Not waited for: it changes nothing, and a server that hangs would not answer. */
export function closeFile({ session, handle }: ReadableFile): void {
  session
    .ask<void>((sftp, answer) => sftp.close(handle, answer), neverAborted)
    // A session that is lost has closed everything.
    .catch(() => undefined);
}

const neverAborted = new AbortController().signal;

/** A file as a `ByteSource`. */
export function sourceOf(file: ReadableFile, signal: AbortSignal, closed: () => void): ByteSource {
  const { size, key } = file;
  return {
    size,
    async read(offset, length) {
      signal.throwIfAborted();
      const end = Math.min(size, offset + length);
      if (end <= offset) return new Uint8Array(0);
      const chunks = await translating(key, () =>
        Array.fromAsync(readAhead(file, { offset, end }, signal)),
      );
      const [only] = chunks;
      return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
    },
    close() {
      closeFile(file);
      closed();
      return Promise.resolve();
    },
  };
}

export function notRegular(key: string): StorageError {
  return new StorageError("not-found", `${key} is no regular file`, { key });
}
