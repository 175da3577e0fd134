import type { VerificationDocument } from "#operations/backups/verification-schema.ts";
import { exitCodes, exitIncomplete, exitOk } from "../exit-codes.ts";
import { formatBytes } from "./format-bytes.ts";
import { formatTable, printable } from "./table.ts";

const meaning: Readonly<Record<VerificationDocument["verdict"], string>> = {
  proven: "proven: every file was read back and matches",
  readable:
    "readable: all of it was read, but nothing protects it, so a change could not have been noticed",
  present: "present: it is there; its content was not read",
  damaged: "DAMAGED",
  missing: "INCOMPLETE: a part is missing",
};

/** A verification for people. */
export function formatVerify(report: VerificationDocument): string {
  const rows = report.parts.map(({ part, verdict, files, bytes }) => [
    part,
    verdict,
    String(files),
    formatBytes(bytes),
  ]);
  const table = formatTable(
    [
      { title: "PART" },
      { title: "VERDICT" },
      { title: "FILES", right: true },
      { title: "SIZE", right: true },
    ],
    rows,
  );
  const problems = report.parts.flatMap(({ part, problems: found }) =>
    found.map(
      ({ path, message }) =>
        `  ${part}${path === undefined ? "" : `/${printable(path)}`}: ${printable(message)}\n`,
    ),
  );
  const warnings = report.warnings.map((warning) => `Warning: ${printable(warning)}\n`);
  return `${printable(report.name)} (${report.slug}) is ${meaning[report.verdict]}\n${table}${problems.join("")}${warnings.join("")}`;
}

/** 22 for damage, 3 for what could not be proven though its content was read, else 0. */
export function exitCodeOfVerify({ verdict, level }: VerificationDocument): number {
  if (verdict === "damaged" || verdict === "missing") return exitCodes.damaged;
  return level === "content" && verdict === "readable" ? exitIncomplete : exitOk;
}
