import type { BackupResult } from "#jobs/backup/backup-result.ts";
import { formatBytes, formatSeconds } from "../../output/format-bytes.ts";
import { formatNotes } from "../../output/format-notes.ts";
import { formatTable, printable } from "../../output/table.ts";

const headlines: Readonly<Record<BackupResult["status"], string>> = {
  complete: "is complete",
  warnings: "is made, with warnings",
  incomplete: "is INCOMPLETE",
};

/** A finished backup for people. */
export function formatBackup(result: BackupResult, recovered: readonly string[]): string {
  const rows = result.parts.map(({ part, status, files, bytes, storedBytes }) => [
    part,
    status,
    String(files),
    formatBytes(bytes),
    formatBytes(storedBytes),
  ]);
  const table = formatTable(
    [
      { title: "PART" },
      { title: "STATUS" },
      { title: "FILES", right: true },
      { title: "SIZE", right: true },
      { title: "STORED", right: true },
    ],
    rows,
  );
  const notes = result.parts.map(({ part, notes: found, error }) => {
    const failure = error === undefined ? "" : `  FAILED: ${printable(error)}\n`;
    return found.length > 0 || error !== undefined
      ? `${part}:\n${failure}${formatNotes(found)}`
      : "";
  });
  const checked =
    result.verified === undefined ? "not read back" : `read back and ${result.verified.verdict}`;
  const key = result.protected
    ? "encrypted"
    : "NOT encrypted; give a password with --password-file or --ask-password";
  return [
    ...recovered.map((action) => `${printable(action)}\n`),
    `Backup ${result.slug} "${printable(result.name)}" ${headlines[result.status]}\n`,
    table,
    ...notes,
    `${printable(result.fileName)} at ${printable(result.location)}: ${formatBytes(result.size)} in ${formatSeconds(result.seconds)}, ${checked}, ${key}\n`,
  ].join("");
}
