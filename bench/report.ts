import type { Measurement } from "./measure.ts";
import { operations, type Operation } from "./contenders.ts";

/** All runs of one operation by one contender. */
export interface Result {
  readonly operation: Operation;
  readonly contender: string;
  readonly runs: Measurement[];
  /** Bytes of the archive, for what creates one. */
  archiveBytes?: number;
}

/** One table for each operation, with medians and with ratios to the first contender. */
export function tablesOf(results: readonly Result[]): string {
  return Object.keys(operations)
    .map((name) => results.filter(({ operation }) => operation === name))
    .filter((rows) => rows.length > 0)
    .map(tableOf)
    .join("\n\n");
}

function tableOf(rows: readonly Result[]): string {
  const [first] = rows;
  if (first === undefined) return "";
  const lines = rows.map((row) => lineOf(row, first));
  return [
    `### ${operations[first.operation]}`,
    "",
    "| | wall s (range) | CPU s | peak MB | archive MB | wall × | CPU × |",
    "|---|---:|---:|---:|---:|---:|---:|",
    ...lines,
  ].join("\n");
}

function lineOf(row: Result, first: Result): string {
  const wall = row.runs.map(({ seconds }) => seconds);
  const [shortest, longest] = [Math.min(...wall), Math.max(...wall)];
  const cells = [
    row.contender,
    `${median(wall).toFixed(2)} (${shortest.toFixed(2)}–${longest.toFixed(2)})`,
    medianOf(row, "cpuSeconds").toFixed(2),
    megabytes(medianOf(row, "peakBytes")),
    row.archiveBytes === undefined ? "" : megabytes(row.archiveBytes),
    (median(wall) / medianOf(first, "seconds")).toFixed(2),
    (medianOf(row, "cpuSeconds") / medianOf(first, "cpuSeconds")).toFixed(2),
  ];
  return `| ${cells.join(" | ")} |`;
}

function medianOf({ runs }: Result, figure: keyof Measurement): number {
  return median(runs.map((run) => run[figure]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
