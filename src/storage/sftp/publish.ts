import type { Stats } from "ssh2";
import { StorageError } from "../errors.ts";
import { isNotOffered, status, statusOf } from "./errors.ts";
import type { SftpSession } from "./session.ts";
import { temporaryName } from "./temporary-name.ts";

export interface Publication {
  readonly key: string;
  readonly temporaryPath: string;
  readonly path: string;
  /** Folder of both. */
  readonly folder: string;
}

/**
 * Gives a whole file its name, unless something has it. A second name for the file is made first
 * (`hardlink@openssh.com`), because only of that every server knows that it must not replace. Where the server or its
 * file system has no hard links it is renamed, which replaces nothing either by version 3; OpenSSH keeps to that.
 */
export async function publishNew(
  session: SftpSession,
  { key, temporaryPath, path }: Publication,
  signal: AbortSignal,
): Promise<void> {
  try {
    await session.ask<void>(
      (sftp, answer) => sftp.ext_openssh_hardlink(temporaryPath, path, answer),
      signal,
    );
  } catch (error) {
    if (!isNotOffered(error) && statusOf(error) === undefined) throw error;
    await rename(session, { key, temporaryPath, path }, signal);
    return;
  }
  // The object is there. A first name that stays is a leftover like any other.
  await unlinkIfThere(session, temporaryPath, signal).catch(() => undefined);
}

async function rename(
  session: SftpSession,
  { key, temporaryPath, path }: Omit<Publication, "folder">,
  signal: AbortSignal,
): Promise<void> {
  // Some servers replace all the same, so what is there is looked for first.
  if ((await lookAt(session, path, signal)) !== undefined) throw alreadyThere(key);
  try {
    await session.ask<void>((sftp, answer) => sftp.rename(temporaryPath, path, answer), signal);
  } catch (error) {
    if (statusOf(error) !== status.failure) throw error;
    if ((await lookAt(session, path, signal)) !== undefined) throw alreadyThere(key);
    throw error;
  }
}

/**
 * Gives a whole file its name in place of what has it: at once with `posix-rename@openssh.com`. Without, what is there is
 * moved aside first, and readers find nothing for that moment.
 */
export async function publishInstead(
  session: SftpSession,
  { temporaryPath, path, folder }: Publication,
  signal: AbortSignal,
): Promise<void> {
  try {
    await session.ask<void>(
      (sftp, answer) => sftp.ext_openssh_rename(temporaryPath, path, answer),
      signal,
    );
    return;
  } catch (error) {
    if (!isNotOffered(error)) throw error;
  }
  const move = (from: string, to: string): Promise<void> =>
    session.ask<void>((sftp, answer) => sftp.rename(from, to, answer), signal);
  if ((await lookAt(session, path, signal)) === undefined) return move(temporaryPath, path);
  const aside = `${folder}/${temporaryName(false)}`;
  await move(path, aside);
  try {
    await move(temporaryPath, path);
  } catch (error) {
    await move(aside, path);
    throw error;
  }
  await unlinkIfThere(session, aside, signal);
}

/** What lies at a path, links not followed; undefined if nothing does. */
export async function lookAt(
  session: SftpSession,
  path: string,
  signal: AbortSignal,
): Promise<Stats | undefined> {
  try {
    return await session.ask<Stats>((sftp, answer) => sftp.lstat(path, answer), signal);
  } catch (error) {
    if (statusOf(error) === status.noSuchFile) return undefined;
    throw error;
  }
}

/** False if there was nothing. */
export async function unlinkIfThere(
  session: SftpSession,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await session.ask<void>((sftp, answer) => sftp.unlink(path, answer), signal);
    return true;
  } catch (error) {
    if (statusOf(error) === status.noSuchFile) return false;
    throw error;
  }
}

export function alreadyThere(key: string): StorageError {
  return new StorageError("already-exists", `There is a ${key} already`, { key });
}
