import { verifyArchive } from "#archive/verify/verify-archive.ts";
export type { VerifyReport } from "#archive/verify/verify-report.ts";
import type { VerifyLevel, VerifyReport } from "#archive/verify/verify-report.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveFile } from "./open-archive-file.ts";

/** Verifies an archive that is open; see `verifyArchive`. */
export async function verifyFile(
  file: ArchiveFile,
  options: {
    readonly level: VerifyLevel;
    readonly report: ReportProgress;
    readonly signal: AbortSignal;
  },
): Promise<VerifyReport> {
  const report = await verifyArchive(file.archive, {
    ...options,
    access: { keys: file.keys, index: file.index },
  });
  return { ...report, warnings: [...file.warnings, ...report.warnings] };
}
