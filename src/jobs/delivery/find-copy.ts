import type { RunBackup } from "#core/model/run.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";

/**
 * The copy of a backup at a location: the archive of its file name, else the one of its slug, as whoever
 * brought it there may have called it otherwise. Rejects with `not-found`, and with `usage` if several fit.
 */
export async function findCopy(
  location: ArchiveLocation,
  { slug, fileName }: RunBackup,
  signal: AbortSignal,
): Promise<BackupAtLocation> {
  const { backups } = await location.list(signal);
  const byFile = backups.find(
    ({ object, facts }) => object.key === fileName && (facts === undefined || facts.slug === slug),
  );
  return byFile ?? location.find(slug, signal);
}
