import { findIndex } from "#archive/index/find-index.ts";
import { openArchive, type OpenArchive } from "#archive/read/open-archive.ts";
import { verifyArchive } from "#archive/verify/verify-archive.ts";
import type { VerifyReport } from "#archive/verify/verify-report.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { RunBackup } from "#core/model/run.ts";
import type { Clock, ReportProgress } from "#core/ports.ts";
import type { BackupKeys } from "#keys/backup-keys.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { findCopy } from "../delivery/find-copy.ts";
import { rememberVerification } from "./verification-notes.ts";

export interface ReadBackOptions {
  readonly location: ArchiveLocation;
  /** What opens it; undefined if it is not encrypted. */
  readonly keysOf: (archive: OpenArchive) => Promise<BackupKeys | undefined>;
  /** It was put there just now by whoever asks. */
  readonly isNew: boolean;
  readonly clock: Clock;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Reads an archive back to its last byte, and keeps the outcome beside it. A new one that is damaged is
 * removed: it would only mislead. Rejects with `damaged`.
 */
export async function readBack(backup: RunBackup, options: ReadBackOptions): Promise<VerifyReport> {
  const { location, isNew, signal } = options;
  const { object } = await findCopy(location, backup, signal);
  const verified = await verify(object.key, options);
  const isBad = verified.verdict === "damaged" || verified.verdict === "missing";
  if (isBad && isNew) await location.remove(object.key, signal);
  else await rememberVerification(location, verified, options);
  if (isBad) throw notProven(backup, verified, options);
  return verified;
}

async function verify(
  fileName: string,
  { location, keysOf, report, signal }: ReadBackOptions,
): Promise<VerifyReport> {
  const source = await location.open(fileName, signal);
  try {
    const archive = await openArchive(source);
    const keys = await keysOf(archive);
    const { index } = await findIndex(archive, [location.indexes(signal)], keys);
    try {
      const access = { keys, index };
      return await verifyArchive(archive, { level: "content", access, report, signal });
    } finally {
      await index?.close();
    }
  } finally {
    await source.close();
  }
}

function notProven(
  { slug }: RunBackup,
  verified: VerifyReport,
  { location, isNew }: ReadBackOptions,
): SafehouseError {
  const problem =
    verified.parts.flatMap((part) => part.problems)[0]?.message ?? "it cannot be proven";
  const what = isNew ? "The new backup" : `Backup ${slug} at ${location.id}`;
  return new SafehouseError(
    "damaged",
    `${what} could not be read back as it was written: ${problem}`,
    {
      subject: slug,
      advice: isNew
        ? "It was removed; check the disk of the location and the memory of this machine"
        : "It was there before and was left alone; check the disk of the location",
    },
  );
}
