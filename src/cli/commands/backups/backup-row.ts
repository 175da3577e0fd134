import type { BackupDocument, GroupedBackupDocument } from "#operations/backups/backup-schema.ts";
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
export function backupRow(backup: BackupDocument): readonly string[] {
  const checked =
    backup.problems.length > 0 ? "DAMAGED" : (backup.verification?.verdict ?? "not yet");
  return [...cells(backup, checked), backup.name ?? backup.file];
}

/** One row of `backups list` at all locations. */
export function groupedRow(backup: GroupedBackupDocument): readonly string[] {
  const whole = backup.copies.filter(({ state }) => state === "present");
  const verdict = whole.find(({ verification }) => verification)?.verification?.verdict;
  const checked = whole.length === 0 ? "DAMAGED" : (verdict ?? "not yet");
  return [...cells(backup, checked), placesText(backup), backup.name ?? backup.file];
}

function cells(backup: BackupDocument, checked: string): readonly string[] {
  const { slug, date, type, size } = backup;
  return [
    slug ?? "?",
    date === undefined ? "?" : date.slice(0, 16).replace("T", " "),
    type ?? "?",
    formatBytes(size),
    backup.protected === true ? "yes" : "no",
    checked,
  ];
}

function placesText({ copies }: GroupedBackupDocument): string {
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
