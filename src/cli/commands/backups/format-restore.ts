import type { RestoredPart, RestoreResult } from "#jobs/restore/restore-result.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { formatNotes } from "../../output/format-notes.ts";
import { printable } from "../../output/table.ts";

const headlines: Readonly<Record<RestoreResult["status"], string>> = {
  complete: "is restored",
  warnings: "is restored, with warnings",
  incomplete: "is restored INCOMPLETELY",
  planned: "was read and checked; nothing was changed",
};
const mostShown = 20;

/** A finished or planned restore for people. */
export function formatRestore(result: RestoreResult, recovered: readonly string[]): string {
  const undo = result.undoUntil === undefined ? "" : `The earlier state is kept until ${result.undoUntil}; bring it back with: safehouse restore undo\n`;
  return [
    ...recovered.map((action) => `${printable(action)}\n`),
    `Backup ${result.slug} "${printable(result.name)}" ${headlines[result.status]}\n`,
    ...result.parts.map(formatPart),
    ...result.plan.parts.map((part) => formatPlan(part, result.status === "planned")),
    `Extra space for the earlier state: ${formatBytes(result.plan.extraBytes)}\n`,
    ...result.warnings.map((warning) => `Warning: ${printable(warning)}\n`),
    undo,
  ].join("");
}

function formatPart({ part, status, files, bytes, notes, reason }: RestoredPart): string {
  const why = reason === undefined ? "" : `: ${printable(reason)}`;
  return `${part}: ${status}, ${files} files, ${formatBytes(bytes)}${why}\n${formatNotes(notes)}`;
}

function formatPlan(plan: RestoreResult["plan"]["parts"][number], future: boolean): string {
  const { part, added, replaced, removed, carriedOver, unchanged } = plan;
  const verb = future ? "would be" : "were";
  const head = `${part}: ${added.length} ${verb} added, ${replaced.length} replaced, ${removed.length} removed, ${carriedOver.length} kept, ${unchanged} unchanged\n`;
  if (!future) return head;
  return [head, list("+", added), list("~", replaced), list("-", removed), list("=", carriedOver)].join("");
}

function list(mark: string, paths: readonly string[]): string {
  const lines = paths.slice(0, mostShown).map((path) => `  ${mark} ${printable(path)}\n`);
  const rest = paths.length - mostShown;
  return `${lines.join("")}${rest > 0 ? `  ${mark} … and ${rest} more; see --json\n` : ""}`;
}
