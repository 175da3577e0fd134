import { openArchive } from "#archive/read/open-archive.ts";
import { verifyArchive } from "#archive/verify/verify-archive.ts";
import type { VerifyReport } from "#archive/verify/verify-report.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveTools } from "./archive-tools.ts";
import { convertFile, type ConvertFileOptions } from "./convert-file.ts";
import type { ArchiveFile } from "./open-archive-file.ts";

export interface RewriteOptions extends Pick<
  ConvertFileOptions,
  "encryption" | "report" | "signal"
> {
  readonly to: string;
  readonly overwrite: boolean;
}

export interface RewrittenArchive {
  readonly path: string;
  readonly size: number;
  readonly verified: VerifyReport;
  /** What was not taken over. */
  readonly warnings: readonly string[];
}

/**
 * Writes an archive anew, encrypted with another key or not at all, and reads the result back. Rejects
 * with `damaged` and removes the new archive if it cannot be read. A file that is to be overwritten stays
 * until its successor has been read back, also if it is the archive itself.
 */
export async function rewriteArchive(
  file: ArchiveFile,
  tools: ArchiveTools,
  options: RewriteOptions,
): Promise<RewrittenArchive> {
  const { to, encryption, report, signal } = options;
  const made = options.overwrite ? `${to}.new` : to;
  await convertFile(file, {
    encryption,
    openPool: () => tools.deflatePool(),
    openTarget: () => tools.createFile(made, options.overwrite),
    openSpool: () => tools.openSpool(),
    report,
    signal,
  });
  const { size, verified } = await readBack(made, tools, {
    keys: encryption?.keys,
    report,
    signal,
  });
  if (made !== to) await tools.replaceFile(made, to);
  const warnings = file.archive.strangers.map(
    (name) => `${name} is no part of a backup and was left out`,
  );
  return { path: to, size, verified, warnings };
}

async function readBack(
  path: string,
  tools: ArchiveTools,
  {
    keys,
    report,
    signal,
  }: { keys: ArchiveFile["keys"]; report: ReportProgress; signal: AbortSignal },
): Promise<Pick<RewrittenArchive, "size" | "verified">> {
  const source = await tools.openFile(path);
  try {
    const access = { keys, index: undefined };
    const verified = await verifyArchive(await openArchive(source), {
      level: "content",
      access,
      report,
      signal,
    });
    if (verified.verdict !== "damaged" && verified.verdict !== "missing")
      return { size: source.size, verified };
    await tools.removeFile(path);
    const problems = verified.parts.flatMap((part) => part.problems.map(({ message }) => message));
    throw new SafehouseError(
      "damaged",
      `The new archive ${path} cannot be read back: ${problems[0]}`,
      {
        advice:
          "The archive that it was made from is probably damaged: check it with archive verify",
      },
    );
  } finally {
    await source.close();
  }
}
