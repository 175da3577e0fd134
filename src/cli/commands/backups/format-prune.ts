import type { PrunedDocument } from "#operations/backups/prune-schema.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { formatTable, printable } from "../../output/table.ts";

type CopyDocument = PrunedDocument["kept"][number];

/** A prune for people: every backup, and why it goes or stays. */
export function formatPrune({ location, removed, kept, stop, dryRun }: PrunedDocument): string {
  const rows = [
    ...removed.map((copy) => rowOf(copy, dryRun ? "would go" : "removed")),
    ...kept.map((copy) => rowOf(copy, "kept")),
  ];
  const columns = ["SLUG", "DATE", "PLAN", "SIZE", "", "WHY"].map((title) => ({ title }));
  const bytes = removed.reduce((sum, { size }) => sum + size, 0);
  const sum = `${dryRun ? "Would remove" : "Removed"} ${removed.length} of ${rows.length} backups at ${printable(location)}, ${formatBytes(bytes)}\n`;
  const stopped =
    stop === null
      ? ""
      : `A prune stops here until somebody agrees to it with: --confirm ${stop.token}\n`;
  return [rows.length === 0 ? "" : formatTable(columns, rows), sum, stopped].join("");
}

function rowOf({ slug, date, plan, size, reasons }: CopyDocument, fate: string): string[] {
  const when = date === null ? "" : date.slice(0, 16).replace("T", " ");
  const why = reasons.map(({ text }) => text).join("; ");
  return [slug, when, plan ?? "", formatBytes(size), fate, why];
}
