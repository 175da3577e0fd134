import { randomBytes } from "node:crypto";
import type { FileEntryWithStats, Stats } from "ssh2";
import type { Leftover } from "../provider.ts";
import { status, statusOf } from "./errors.ts";
import { entriesOf } from "./listing.ts";
import { unlinkIfThere } from "./publish.ts";
import { below } from "./remote-path.ts";
import type { SftpSession } from "./session.ts";
import { isResumableName } from "./temporary-name.ts";

export interface LeftoverSearch {
  readonly session: SftpSession;
  /** Path of the place's folder. */
  readonly root: string;
  /** What the keys begin with: `""` or `folder/`. */
  readonly prefix: string;
  /** Whether the file of that path is being written by this process. */
  readonly isInUse: (path: string) => boolean;
}

/**
 * Removes unfinished objects of writers that are gone. Nobody can be asked whether they live, so silence decides: half a day
 * without a byte, or a week for what the next attempt goes on with. Time is told by the server, whose clock may be
 * wrong: a file that is made for it and removed again has its time.
 */
export async function removeLeftoversBelow(
  search: LeftoverSearch,
  signal: AbortSignal,
): Promise<readonly Leftover[]> {
  const { session, prefix } = search;
  const folder = folderOf(search);
  const found = await unfinishedIn(search, signal);
  if (found.length === 0) return [];
  const now = await timeThere(session, folder, signal);
  const removed: Leftover[] = [];
  for (const { filename: name, attrs } of found) {
    if (now - attrs.mtime <= (isResumableName(name) ? resumableInS : silenceInS)) continue;
    if (!(await unlinkIfThere(session, below(folder, name), signal))) continue;
    removed.push({ key: prefix + name, size: attrs.size });
  }
  return removed;
}

function folderOf({ root, prefix }: LeftoverSearch): string {
  return prefix === "" ? root : below(root, prefix.slice(0, -1));
}

async function unfinishedIn(
  search: LeftoverSearch,
  signal: AbortSignal,
): Promise<readonly FileEntryWithStats[]> {
  const { session, prefix, isInUse } = search;
  const folder = folderOf(search);
  try {
    const pages = await Array.fromAsync(entriesOf(session, folder, signal), (page) =>
      page.filter(({ filename }) => isOurs(filename) && !isInUse(below(folder, filename))),
    );
    return pages.flat();
  } catch (error) {
    if (prefix !== "" && statusOf(error) === status.noSuchFile) return [];
    throw error;
  }
}

const silenceInS = 12 * 3600;
const resumableInS = 7 * 24 * 3600;

/** Names that this kind gives; others in `.safehouse-….tmp` belong to a program that knows more of them. */
function isOurs(name: string): boolean {
  return /^\.safehouse-(resume-|clock-)?[0-9a-f]{16}\.tmp$/.test(name);
}

/** Seconds since 1970 by the server's clock. */
async function timeThere(
  session: SftpSession,
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  const path = below(folder, `.safehouse-clock-${randomBytes(8).toString("hex")}.tmp`);
  const handle = await session.ask<Buffer>(
    (sftp, answer) => sftp.open(path, "wx", { mode: 0o600 }, answer),
    signal,
  );
  try {
    const { mtime } = await session.ask<Stats>(
      (sftp, answer) => sftp.fstat(handle, answer),
      signal,
    );
    return mtime;
  } finally {
    await session.ask<void>((sftp, answer) => sftp.close(handle, answer), signal);
    await unlinkIfThere(session, path, signal);
  }
}
