import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { VerifyReport } from "../archive/verify-file.ts";
import { listBackups } from "./list-backups.ts";
import { verifyBackup, type VerifyBackupOptions } from "./verify-backup.ts";

/** A backup that another password protects, or for which none was given. */
export interface UnopenedBackup {
  readonly file: string;
  readonly error: { readonly problem: string; readonly message: string };
}

/** Verifies every backup at a location. One of another password does not keep the others from being checked. */
export async function verifyBackups(
  location: ArchiveLocation,
  options: VerifyBackupOptions,
): Promise<readonly (VerifyReport | UnopenedBackup)[]> {
  const { backups } = await listBackups(location, options.signal);
  const reports: (VerifyReport | UnopenedBackup)[] = [];
  for (const { file } of backups) {
    const report = await verifyBackup(location, file, options).catch((error: unknown) =>
      unopened(error, file),
    );
    reports.push(report);
  }
  return reports;
}

function unopened(error: unknown, file: string): UnopenedBackup {
  if (!(error instanceof SafehouseError) || !locked.has(error.problem)) throw error;
  return { file, error: { problem: error.problem, message: error.message } };
}

const locked: ReadonlySet<string> = new Set(["wrong-password", "password-needed"]);
