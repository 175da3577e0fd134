import { openArchive } from "#archive/read/open-archive.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { BackupKeys } from "#keys/backup-keys.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { archiveLock } from "./archive-lock.ts";

export interface NeedingOptions {
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Files of the backups at a location that a password opens; a tenth of a second for each encrypted one.
 * Nothing is remembered of keys, so this is what the archives themselves say. What cannot be read as a backup
 * is no reason to keep a key.
 */
export async function backupsNeeding(
  location: ArchiveLocation,
  keys: BackupKeys,
  { report, signal }: NeedingOptions,
): Promise<readonly string[]> {
  const { backups } = await location.list(signal);
  const needing: string[] = [];
  let bytes = 0;
  const totalBytes = backups.reduce((sum, { object }) => sum + object.size, 0);
  for (const { object } of backups) {
    signal.throwIfAborted();
    if (await opens(location, object.key, { keys, signal })) needing.push(object.key);
    bytes += object.size;
    report({ step: "match", bytes, totalBytes });
  }
  return needing;
}

async function opens(
  location: ArchiveLocation,
  file: string,
  { keys, signal }: { readonly keys: BackupKeys; readonly signal: AbortSignal },
): Promise<boolean> {
  const source = await location.open(file, signal);
  try {
    const lock = await archiveLock(await openArchive(source));
    return lock !== undefined && (await lock.refusal(keys)) === undefined;
  } catch (error) {
    if (error instanceof SafehouseError && unreadable.has(error.problem)) return false;
    throw error;
  } finally {
    await source.close();
  }
}

const unreadable: ReadonlySet<string> = new Set([
  "damaged",
  "truncated",
  "not-a-backup",
  "unknown-version",
]);
