import { backupSlug } from "#format/backup-json/backup-slug.ts";
import { defaultFileName } from "#format/backup-json/default-file-name.ts";

/** How a new backup is known: by its date as it will be stored, its slug and its file. */
export interface BackupIdentity {
  /** ISO date-time in UTC with microseconds, as the Supervisor writes it. */
  readonly date: string;
  readonly slug: string;
  readonly fileName: string;
}

/** @param now milliseconds since 1970 */
export function identifyBackup(name: string, now: number): BackupIdentity {
  const date = new Date(now).toISOString().replace("Z", "000+00:00");
  const slug = backupSlug(date, name);
  return { date, slug, fileName: defaultFileName({ slug, name, date }) };
}
