import type { VerifyLevel, VerifyReport } from "#archive/verify/verify-report.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Clock, ReportProgress } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { openBackup } from "./open-backup.ts";
import type { AskPassword } from "../archive/open-archive-file.ts";
import { verifyFile } from "../archive/verify-file.ts";
import { rememberVerification } from "./verification-notes.ts";

export interface VerifyBackupOptions {
  readonly level: VerifyLevel;
  readonly askPassword: AskPassword;
  readonly clock: Clock;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/** Verifies one backup and keeps the outcome beside it. A file that cannot be opened counts as damaged. */
export async function verifyBackup(
  location: ArchiveLocation,
  fileName: string,
  options: VerifyBackupOptions,
): Promise<VerifyReport> {
  const { backup, file } = await tryOpen(location, fileName, options);
  if (file === undefined) return backup;
  await using open = file;
  const report = await verifyFile(open, options);
  await rememberVerification(location, report, options);
  return report;
}

async function tryOpen(
  location: ArchiveLocation,
  fileName: string,
  { askPassword, level, signal }: VerifyBackupOptions,
): Promise<
  | { readonly backup: VerifyReport; readonly file?: undefined }
  | { readonly backup?: undefined; readonly file: Awaited<ReturnType<typeof openBackup>> }
> {
  try {
    const ask = level === "listing" ? undefined : askPassword;
    return { file: await openBackup(location, fileName, { askPassword: ask, signal }) };
  } catch (error) {
    const about =
      error instanceof SafehouseError &&
      ["damaged", "truncated", "not-a-backup"].includes(error.problem);
    if (!about) throw error;
    const { facts } = await location.find(fileName, signal);
    const problems = [{ path: undefined, message: error.message }];
    const part = {
      part: fileName,
      member: undefined,
      verdict: "damaged",
      files: 0,
      bytes: 0,
      problems,
    } as const;
    const identity = { slug: facts?.slug ?? "", name: facts?.name ?? fileName, level };
    return {
      backup: { ...identity, verdict: "damaged", indexed: false, parts: [part], warnings: [] },
    };
  }
}
