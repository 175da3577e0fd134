import { OfficialError } from "../http/official-error.ts";
import type { LocationName } from "../location-name.ts";
import { copiesOf } from "./backup-answer.ts";
import type { KeptBackup, KeptCopy, SupervisorBackups } from "./backups-port.ts";

/** The backup of that slug. Rejects with the official 404. */
export async function findBackup(backups: SupervisorBackups, slug: string): Promise<KeptBackup> {
  const found = await backups.find(slug);
  if (found === undefined) throw new OfficialError("Backup does not exist", { status: 404 });
  return found;
}

/**
 * Its copy at a location; the preferred one where none is named.
 * @param words tell that it is not there
 */
export function copyAt(
  backup: KeptBackup,
  location: LocationName | undefined,
  words: (location: LocationName) => string,
): KeptCopy {
  const copies = copiesOf(backup);
  const found =
    location === undefined ? copies[0] : copies.find((copy) => copy.location === location);
  if (found === undefined) throw new OfficialError(words(location ?? ""));
  return found;
}
