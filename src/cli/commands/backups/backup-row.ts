import type { ListedBackup } from "#jobs/backup/list-backups.ts";
import type { BackupWithCopies } from "#jobs/locations/group-copies.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import type { Column } from "../../output/table.ts";

const columns: readonly Column[] = [
  { title: "SLUG" },
  { title: "DATE" },
  { title: "TYPE" },
  { title: "SIZE", right: true },
  { title: "ENCRYPTED" },
  { title: "CHECKED" },
];

/** Columns of `backups list` at one location. */
export const backupColumns: readonly Column[] = [...columns, { title: "NAME" }];

/** Columns of `backups list` at all locations. */
export const groupedColumns: readonly Column[] = [
  ...columns,
  { title: "LOCATIONS" },
  { title: "NAME" },
];

/** One row of `backups list` at one location. */
export function backupRow(backup: ListedBackup): readonly string[] {
  return [...cells(backup), backup.name ?? backup.file];
}

/** One row of `backups list` at all locations. */
export function groupedRow(backup: BackupWithCopies): readonly string[] {
  return [...cells(backup), placesText(backup), backup.name ?? backup.file];
}

function cells(backup: ListedBackup): readonly string[] {
  const { slug, date, type, size } = backup;
  const broken = backup.problems.length > 0;
  return [
    slug ?? "?",
    date === undefined ? "?" : date.slice(0, 16).replace("T", " "),
    type ?? "?",
    formatBytes(size),
    backup.protected === true ? "yes" : "no",
    broken ? "DAMAGED" : (backup.verification?.verdict ?? "not yet"),
  ];
}

function placesText({ copies }: BackupWithCopies): string {
  return copies
    .map(({ location, state, pinned }) => {
      const marks = [
        ...(state === "damaged" ? ["DAMAGED"] : []),
        ...(pinned === true ? ["pinned"] : []),
      ];
      return marks.length === 0 ? location : `${location} (${marks.join(", ")})`;
    })
    .join(", ");
}
