import { statfs } from "node:fs/promises";
import { StorageError } from "../errors.ts";

export interface SpaceNeed {
  readonly key: string;
  /** A path on the file system concerned. */
  readonly path: string;
  /** Bytes that are still to come; 0 if nobody knows. */
  readonly bytes: number;
  /** Bytes that must stay free. */
  readonly reserveBytes: number;
}

/** Throws `full`, with both numbers, unless the bytes fit and leave the reserve free. */
export async function checkFreeSpace(need: SpaceNeed): Promise<void> {
  const { freeBytes } = await freeSpaceAt(need.path);
  if (freeBytes < need.bytes + need.reserveBytes) throw spaceError(need, freeBytes);
}

/** The error of `checkFreeSpace`, for a disk that turned out to be full. */
export function spaceError(need: SpaceNeed, freeBytes: number, cause?: unknown): StorageError {
  const neededBytes = need.bytes + need.reserveBytes;
  const message =
    `${need.key} needs ${neededBytes} bytes of free space, ` +
    `${need.reserveBytes} of them as a reserve, but only ${freeBytes} are free`;
  const facts = { neededBytes, freeBytes, reserveBytes: need.reserveBytes };
  return new StorageError("full", message, { key: need.key, facts, cause });
}

/** Free bytes for this user, and bytes in all. */
export async function freeSpaceAt(
  path: string,
): Promise<{ readonly freeBytes: number; readonly totalBytes: number }> {
  const found = await statfs(path);
  return { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize };
}
