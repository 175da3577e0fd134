import { StorageError } from "../errors.ts";
import type { FreeSpace } from "../provider.ts";
import { isNotOffered } from "./errors.ts";
import type { SftpSession } from "./session.ts";

export interface RemoteDisk extends FreeSpace {
  readonly readOnly: boolean;
}

/** What the server tells of the disk below a path (`statvfs@openssh.com`); undefined where it does not. */
export async function diskAt(
  session: SftpSession,
  path: string,
  signal: AbortSignal,
): Promise<RemoteDisk | undefined> {
  try {
    const found = await session.ask<VfsStats>(
      (sftp, answer) => sftp.ext_openssh_statvfs(path, answer),
      signal,
    );
    const { f_frsize: unit, f_bavail: free, f_blocks: total, f_flag: flags } = found;
    return {
      freeBytes: Number(free) * Number(unit),
      totalBytes: Number(total) * Number(unit),
      readOnly: (Number(flags) & readOnlyFlag) !== 0,
    };
  } catch (error) {
    if (isNotOffered(error)) return undefined;
    throw error;
  }
}

/** `SSH_FXE_STATVFS_ST_RDONLY`. */
const readOnlyFlag = 1;

/** As the library hands it over (OpenSSH's PROTOCOL, 4.4); numbers that do not fit are text. */
interface VfsStats {
  readonly f_frsize: number | bigint | string;
  readonly f_bavail: number | bigint | string;
  readonly f_blocks: number | bigint | string;
  readonly f_flag: number | bigint | string;
}

export function spaceError(key: string, neededBytes: number, freeBytes: number): StorageError {
  const message = `${key} needs ${neededBytes} bytes of free space, but only ${freeBytes} are free`;
  return new StorageError("full", message, { key, facts: { neededBytes, freeBytes } });
}
