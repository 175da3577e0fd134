import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "../errors.ts";
import { translating } from "./errors.ts";

/** A file as a `ByteSource`: one descriptor, reads at any place. Rejects with `not-found`. */
export async function openFile(
  path: string,
  key: string,
  signal: AbortSignal,
): Promise<ByteSource> {
  signal.throwIfAborted();
  return translating(key, async () => {
    // Without O_NONBLOCK the opening of a FIFO waits for somebody who writes into it.
    const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const size = await sizeOfRegularFile(file, key);
    return {
      size,
      read: (offset, length) =>
        translating(key, () => {
          signal.throwIfAborted();
          return readFully(file, offset, Math.max(0, Math.min(length, size - offset)));
        }),
      close: () => file.close(),
    };
  });
}

async function sizeOfRegularFile(file: FileHandle, key: string): Promise<number> {
  const stats = await file.stat();
  if (stats.isFile()) return stats.size;
  await file.close();
  throw new StorageError("not-found", `${key} is no regular file`, { key });
}

async function readFully(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}
