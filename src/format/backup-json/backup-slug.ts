import { createHash } from "node:crypto";

/**
 * Slug of a backup: the first 8 hexadecimal digits of the SHA-1 of date and name in lower case
 * (docs/format.md, section 4).
 * @param date exactly as `backup.json` has it
 */
export function backupSlug(date: string, name: string): string {
  return createHash("sha1").update(`${date} - ${name}`.toLowerCase()).digest("hex").slice(0, 8);
}
