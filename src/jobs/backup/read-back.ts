import { findIndex } from "#archive/index/find-index.ts";
import { openArchive } from "#archive/read/open-archive.ts";
import { verifyArchive } from "#archive/verify/verify-archive.ts";
import type { VerifyReport } from "#archive/verify/verify-report.ts";
import type { BackupIdentity } from "#archive/write/identify-backup.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { BackupRequest } from "./backup-request.ts";
import type { BackupTools } from "./make-backup.ts";
import { rememberVerification } from "./verification-notes.ts";

/** Reads a new archive back to its last byte. One that is damaged is removed: it would only mislead. */
export async function readBack(
  identity: BackupIdentity,
  request: BackupRequest,
  tools: BackupTools,
): Promise<VerifyReport> {
  const { location, report, signal } = tools;
  const source = await location.open(identity.fileName, signal);
  const keys = request.encryption?.keys;
  let verified: VerifyReport;
  try {
    const archive = await openArchive(source);
    const { index } = await findIndex(archive, [location.indexes(signal)], keys);
    verified = await verifyArchive(archive, {
      level: "content",
      access: { keys, index },
      report,
      signal,
    });
    await index?.close();
  } finally {
    await source.close();
  }
  if (verified.verdict === "damaged" || verified.verdict === "missing") {
    await location.remove(identity.fileName, signal);
    throw notProven(identity, verified);
  }
  await rememberVerification(location, verified, tools);
  return verified;
}

function notProven(identity: BackupIdentity, verified: VerifyReport): SafehouseError {
  const problem =
    verified.parts.flatMap((part) => part.problems)[0]?.message ?? "it cannot be proven";
  return new SafehouseError(
    "damaged",
    `The new backup could not be read back as it was written: ${problem}`,
    {
      subject: identity.slug,
      advice: "It was removed; check the disk of the location and the memory of this machine",
    },
  );
}
