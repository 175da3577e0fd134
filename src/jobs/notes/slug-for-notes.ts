import { SafehouseError } from "#core/model/problem.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";

/** The slug that notes on a backup are kept under. Throws `unsupported` if the archive tells none. */
export function slugForNotes({ facts, object }: BackupAtLocation): string {
  if (facts !== undefined) return facts.slug;
  throw new SafehouseError(
    "unsupported",
    `${object.key} cannot be read as far as its slug, so nothing is kept for it`,
    { subject: object.key },
  );
}
