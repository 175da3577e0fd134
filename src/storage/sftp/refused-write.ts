import { StorageError } from "../errors.ts";
import { status, statusOf } from "./errors.ts";
import { diskAt, spaceError } from "./free-space.ts";
import type { SftpSession } from "./session.ts";

export interface RefusedWrite {
  readonly session: SftpSession;
  readonly key: string;
  /** Folder on the disk concerned. */
  readonly folder: string;
  /** Where in the object the bytes were to go, and how many are still to come as far as is known. */
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Why bytes or a new file were refused. Version 3 knows but one word for a full disk, a quota that is used up, a disk that
 * is read-only and a file too large for its file system, so the disk is asked. Everything else comes back as it is.
 */
export async function explainRefusal(
  error: unknown,
  refused: RefusedWrite,
  signal: AbortSignal,
): Promise<unknown> {
  if (statusOf(error) !== status.failure) return error;
  const { session, key, folder, offset, bytes } = refused;
  const disk = await diskAt(session, folder, signal).catch(() => undefined);
  if (disk?.readOnly === true) {
    return new StorageError("read-only", `${key}: the disk of the server is read-only`, { key });
  }
  if (disk !== undefined && disk.freeBytes < Math.max(bytes, smallestRoom)) {
    return spaceError(key, bytes, disk.freeBytes);
  }
  if (offset + bytes > fatLimit && offset <= fatLimit) {
    const message = `${key}: the server takes no more than ${offset} bytes in one file, as disks with FAT do`;
    return new StorageError("too-large", message, { key });
  }
  const message = `${key}: the server takes no more bytes and does not say why; mostly a quota is used up`;
  return new StorageError("full", message, { key, cause: error });
}

/** With less than this free, a disk is full: it keeps some for itself. */
const smallestRoom = 1024 * 1024;
const fatLimit = 2 ** 32 - 1;
