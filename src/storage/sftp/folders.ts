import { status, statusOf } from "./errors.ts";
import { lookAt } from "./publish.ts";
import { foldersOf } from "./remote-path.ts";
import type { SftpSession } from "./session.ts";

/** Makes a folder if it is missing. Rejects with the server's answer. */
export async function makeFolder(
  session: SftpSession,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await session.ask<void>((sftp, answer) => sftp.mkdir(path, { mode: 0o700 }, answer), signal);
  } catch (error) {
    // Version 3 has no word for what is there already; some servers say "no permission".
    if (![status.failure, status.permissionDenied].some((code) => statusOf(error) === code))
      throw error;
    if ((await lookAt(session, path, signal)) === undefined) throw error;
  }
}

/**
 * Makes the folders of a key below the root and does the work there. Somebody else may remove a folder that is still
 * empty, so it is tried again.
 */
export async function inFoldersOf<Result>(
  session: SftpSession,
  { root, key }: { readonly root: string; readonly key: string },
  { signal, work }: { readonly signal: AbortSignal; readonly work: () => Promise<Result> },
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Most of the time they are there.
      if (attempt > 1) {
        for (const folder of foldersOf(root, key)) await makeFolder(session, folder, signal);
      }
      return await work();
    } catch (error) {
      const retries = key.includes("/") ? 4 : 1;
      if (attempt === retries || statusOf(error) !== status.noSuchFile) throw error;
    }
  }
}

/** Removes the folders of a key as far as nothing lies in them. */
export async function removeEmptyFolders(
  session: SftpSession,
  { root, key }: { readonly root: string; readonly key: string },
  signal: AbortSignal,
): Promise<void> {
  for (const folder of foldersOf(root, key).toReversed()) {
    try {
      await session.ask<void>((sftp, answer) => sftp.rmdir(folder, answer), signal);
    } catch (error) {
      // Something lies in it, or it is gone: nothing that somebody would have to know.
      if (statusOf(error) === undefined) throw error;
      return;
    }
  }
}
