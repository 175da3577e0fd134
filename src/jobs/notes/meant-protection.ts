import { notesKey } from "#archive/backup-notes/seal.ts";
import type { Protection } from "#core/delivery/protection.ts";

/** Its name in `extra.safehouse`. */
export const meantKey = "meant";

/**
 * Stands in `extra.safehouse` of an archive that its location has otherwise than whoever wanted the backup: so that what
 * was meant to be encrypted is so again wherever it is copied to.
 */
export function meantNote(meant: Protection): Readonly<Record<string, Protection>> {
  return { [meantKey]: meant };
}

/** How a backup was meant, by the `extra` of one of its archives; undefined if the archive is as it was meant. */
export function meantProtection(extra: Readonly<Record<string, unknown>>): Protection | undefined {
  const ours = extra[notesKey];
  const meant = typeof ours === "object" && ours !== null && meantKey in ours && ours[meantKey];
  return meant === "encrypted" || meant === "plain" ? meant : undefined;
}
