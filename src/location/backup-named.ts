import { SafehouseError } from "#core/model/problem.ts";
import type { BackupAtLocation } from "./backup-at-location.ts";

/**
 * The backup with that slug or file name among those at a location. Throws `not-found`, and `usage` if several
 * archives have the slug.
 */
export function backupNamed(
  reference: string,
  backups: readonly BackupAtLocation[],
  location: string,
): BackupAtLocation {
  const byFile = backups.find(({ object }) => object.key === reference);
  if (byFile !== undefined) return byFile;
  const bySlug = backups.filter(({ facts }) => facts?.slug === reference);
  const [found] = bySlug;
  if (found === undefined)
    throw new SafehouseError("not-found", `There is no backup ${reference} at ${location}`, {
      subject: reference,
    });
  if (bySlug.length === 1) return found;
  const files = bySlug.map(({ object }) => object.key).join(", ");
  throw new SafehouseError("usage", `Several archives here are backup ${reference}: ${files}`, {
    subject: reference,
    advice: "Name the archive by its file",
  });
}
