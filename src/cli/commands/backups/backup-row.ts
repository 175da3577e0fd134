import type { ListedBackup } from "#jobs/backup/list-backups.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import type { Column } from "../../output/table.ts";

export const backupColumns: readonly Column[] = [
  { title: "SLUG" },
  { title: "DATE" },
  { title: "TYPE" },
  { title: "SIZE", right: true },
  { title: "ENCRYPTED" },
  { title: "CHECKED" },
  { title: "NAME" },
];

/** One row of `backups list`. */
export function backupRow(backup: ListedBackup): readonly string[] {
  const { slug, date, type, size, name, file } = backup;
  const broken = backup.problems.length > 0;
  return [
    slug ?? "?",
    date === undefined ? "?" : date.slice(0, 16).replace("T", " "),
    type ?? "?",
    formatBytes(size),
    backup.protected === true ? "yes" : "no",
    broken ? "DAMAGED" : (backup.verification?.verdict ?? "not yet"),
    name ?? file,
  ];
}
