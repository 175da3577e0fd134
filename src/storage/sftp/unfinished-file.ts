import type { Stats } from "ssh2";
import type { Resume } from "../provider.ts";
import { status, statusOf } from "./errors.ts";
import type { SftpSession } from "./session.ts";
import { isResumableName } from "./temporary-name.ts";
import { unsureBytes } from "./upload.ts";

/** An unfinished file that is open for writing. */
export interface UnfinishedFile {
  readonly name: string;
  readonly handle: Buffer;
  /** Bytes of it that are surely whole. */
  readonly from: number;
}

/** The name of the unfinished file of an earlier attempt; undefined if the state is not one of ours. */
export function nameInState({ state }: Pick<Resume, "state">): string | undefined {
  return state !== undefined && isResumableName(state) ? state : undefined;
}

/**
 * Opens what an earlier attempt has left. The last megabytes are sent again, because requests of a broken connection may
 * have arrived with gaps. Undefined if nothing usable is there.
 * @param size bytes that the object will have
 */
export async function openUnfinished(
  session: SftpSession,
  { path, name, size }: { readonly path: string; readonly name: string; readonly size: number },
  signal: AbortSignal,
): Promise<UnfinishedFile | undefined> {
  let handle: Buffer;
  try {
    handle = await session.ask<Buffer>((sftp, answer) => sftp.open(path, "r+", answer), signal);
  } catch (error) {
    if (statusOf(error) === status.noSuchFile) return undefined;
    throw error;
  }
  const found = await session.ask<Stats>((sftp, answer) => sftp.fstat(handle, answer), signal);
  const from = Math.max(0, found.size - unsureBytes);
  if (found.size <= size) return { name, handle, from };
  // More than there should be: not the bytes that are meant.
  await session.ask<void>((sftp, answer) => sftp.close(handle, answer), signal);
  return undefined;
}
