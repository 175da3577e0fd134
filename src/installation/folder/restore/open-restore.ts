import { SafehouseError } from "#core/model/problem.ts";
import type { RestoreOptions, RestoreSession } from "../../installation.ts";
import { journalFolder, readUndo } from "./journal.ts";
import { takeLease } from "./lease.ts";
import { recoverUnderLease } from "./recover.ts";
import { FolderRestore } from "./folder-restore.ts";
import type { RestoreHome } from "./restore-home.ts";

/** See `RestoreOptions`. Without `parts`, `read-only` and `home-alive` come later, still before any change. */
export type OpenRestoreOptions = Omit<RestoreOptions, "parts"> &
  Partial<Pick<RestoreOptions, "parts">>;

/**
 * Begins a restore, after finishing whatever an earlier one left. Rejects with `busy`, `read-only`,
 * `home-alive` or `confirmation-needed`, and then nothing has changed.
 */
export async function openRestore(
  home: RestoreHome,
  options: OpenRestoreOptions,
  signal: AbortSignal,
): Promise<RestoreSession> {
  const folder = journalFolder(home.paths.dataDir);
  const lease = await takeLease(folder, { purpose: "A restore", now: home.clock.now() }, signal);
  try {
    await recoverUnderLease(home);
    if (!options.replaceUndo) refuseIfUndoKept(home);
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
  const session = new FolderRestore(home, options, lease);
  try {
    for (const part of options.parts ?? []) session.prepare(part);
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

function refuseIfUndoKept(home: RestoreHome): void {
  const kept = readUndo(home.paths.dataDir);
  if (kept === undefined) return;
  throw new SafehouseError(
    "confirmation-needed",
    `The restore of ${kept.backup.name} can be undone until ${kept.keptUntil}; a new restore would end that`,
    {
      advice: "Agree to replace the undo",
      facts: { slug: kept.backup.slug, keptUntil: kept.keptUntil },
    },
  );
}
