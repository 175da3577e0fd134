import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Rsync } from "./rsync.ts";
import { onlyBelow, onlyThese } from "./pattern.ts";
import { unfinishedFolder } from "./working-names.ts";
import { makeWorkFolder } from "./work-folder.ts";

/**
 * Removes a file, and the folders that lead to it as far as nothing else lies in them: an empty folder is brought to the
 * place, where all but that is told to stay.
 */
export async function removeFile(rsync: Rsync, key: string, signal: AbortSignal): Promise<void> {
  await removeMatching(rsync, { subject: key, filters: onlyThese([key]) }, signal);
}

/** Removes what is left of an upload. */
export async function removeUpload(rsync: Rsync, id: string, signal: AbortSignal): Promise<void> {
  const filters = onlyBelow(`${unfinishedFolder}${id}/`);
  // The folder of all uploads stays: others may be about to use it.
  await removeMatching(rsync, { subject: "Leftovers", filters, stays: unfinishedFolder }, signal);
}

interface Removal {
  readonly subject: string;
  readonly filters: readonly string[];
  /** A folder that the filters let through and that stays all the same. */
  readonly stays?: string;
}

async function removeMatching(
  rsync: Rsync,
  { subject, filters, stays = "" }: Removal,
  signal: AbortSignal,
): Promise<void> {
  await using work = await makeWorkFolder(rsync.settings.spool);
  await mkdir(join(work.path, stays), { recursive: true, mode: 0o700 });
  await rsync.run({ subject, options: ["-r", "--delete", ...filters], push: work.path }, signal);
}
