import type { RestoredDocument } from "#operations/restores/restored-schema.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { formatNotes } from "../../output/format-notes.ts";
import { printable } from "../../output/table.ts";

type RestoredPart = RestoredDocument["parts"][number];

const headlines: Readonly<Record<RestoredDocument["status"], string>> = {
  complete: "is restored",
  warnings: "is restored, with warnings",
  incomplete: "is restored INCOMPLETELY",
  planned: "was read and checked; nothing was changed",
};
const mostShown = 20;

/** A finished or planned restore for people. */
export function formatRestore(result: RestoredDocument): string {
  const undo =
    result.undoUntil === undefined
      ? ""
      : `The earlier state is kept until ${result.undoUntil}; bring it back with: safehouse restore undo\n`;
  return [
    ...result.recovered.map((action) => `${printable(action)}\n`),
    `Backup ${result.slug} "${printable(result.name)}" ${headlines[result.status]}\n`,
    ...result.parts.map((part) => formatPart(part, result)),
    result.status === "planned"
      ? `The restore would take ${formatBytes(result.plan.extraBytes)} more, undo included\n`
      : "",
    ...result.warnings.map((warning) => `Warning: ${printable(warning)}\n`),
    undo,
  ].join("");
}

function formatPart(restored: RestoredPart, { plan, status: outcome }: RestoredDocument): string {
  const { part, status, files, bytes, notes, reason } = restored;
  const isPlan = outcome === "planned";
  const word = isPlan && status !== "skipped" ? "can be restored" : status;
  const why = reason === undefined ? "" : `: ${printable(reason)}`;
  const changes = plan.parts.find((candidate) => candidate.part === part);
  const counts = changes === undefined ? "" : `; ${formatCounts(changes)}`;
  const line = `${part}: ${word}, ${files} ${files === 1 ? "file" : "files"}, ${formatBytes(bytes)}${counts}${why}\n`;
  return [
    line,
    changes !== undefined && isPlan ? formatChanges(changes) : "",
    formatNotes(notes),
  ].join("");
}

type PartPlan = RestoredDocument["plan"]["parts"][number];

function formatCounts({ counts, unchanged }: PartPlan): string {
  const { added, replaced, removed, carriedOver } = counts;
  return `${added} added, ${replaced} replaced, ${removed} removed, ${carriedOver} kept, ${unchanged} unchanged`;
}

function formatChanges(plan: PartPlan): string {
  const kinds = { added: "+", replaced: "~", removed: "-", carriedOver: "=" } as const;
  return (["added", "replaced", "removed", "carriedOver"] as const)
    .map((kind) => list(kinds[kind], plan[kind], plan.counts[kind]))
    .join("");
}

function list(mark: string, paths: readonly string[], count: number): string {
  const lines = paths.slice(0, mostShown).map((path) => `  ${mark} ${printable(path)}\n`);
  const rest = count - Math.min(count, mostShown);
  return `${lines.join("")}${rest > 0 ? `  ${mark} … and ${rest} more; see --json\n` : ""}`;
}
