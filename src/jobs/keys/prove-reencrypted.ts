import { buildIndex } from "#archive/index/build-index.ts";
import { createIndex } from "#archive/index/index-key.ts";
import { openArchive, type OpenArchive } from "#archive/read/open-archive.ts";
import type { ReadAccess } from "#archive/read/read-part.ts";
import { readChecked } from "#archive/verify/check-against-index.ts";
import { verifyArchive } from "#archive/verify/verify-archive.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { BackupKeys } from "#keys/backup-keys.ts";
import type { ArchiveFile } from "../archive/open-archive-file.ts";
import { rememberVerification } from "../backup/verification-notes.ts";
import type { ReencryptTools } from "./reencrypt-backup.ts";

export interface Successor {
  readonly old: ArchiveFile;
  /** Of the new archive. */
  readonly keys: BackupKeys;
  readonly tools: Pick<ReencryptTools, "location" | "clock" | "report" | "signal">;
}

/**
 * Reads the successor of an archive back, compares it with the old index, if there is one, and gives it an
 * index of its own. Rejects with `already-exists` for a file that is another backup, which stays; any other
 * failure removes the successor.
 */
export async function proveReencrypted(fileName: string, successor: Successor): Promise<void> {
  const { location, signal } = successor.tools;
  const source = await location.open(fileName, signal);
  try {
    const archive = await openArchive(source);
    refuseOther(archive, fileName, successor);
    await prove(archive, fileName, successor).catch(async (error: unknown) => {
      // It goes also when the run was cancelled, and what cannot be removed must not hide why it should be.
      await Promise.allSettled([location.remove(fileName, new AbortController().signal)]);
      throw error;
    });
  } finally {
    await source.close();
  }
}

async function prove(
  archive: OpenArchive,
  fileName: string,
  { old, keys, tools }: Successor,
): Promise<void> {
  const { location, report, signal } = tools;
  const access = { keys, index: undefined };
  const verified = await verifyArchive(archive, { level: "content", access, report, signal });
  const problem = verified.parts.flatMap((part) => part.problems)[0]?.message;
  if (verified.verdict !== "proven") throw notProven(fileName, problem ?? "nothing is in it");
  await compare(archive, fileName, { keys, index: old.index, report, signal });
  const { slug } = archive.metadata;
  const sink = await location.indexes(signal).create(slug);
  const index = await createIndex(sink, { slug, keys, rootSalt: undefined });
  await buildIndex(archive, index, { keys, report, signal });
  await rememberVerification(location, verified, tools);
}

/**
 * Compares every entry with the old index. That knows nothing of the new encryption, so it serves to check what
 * comes out and for nothing else.
 */
async function compare(
  archive: OpenArchive,
  fileName: string,
  { report, signal, ...access }: ReadAccess & Pick<ReencryptTools, "report" | "signal">,
): Promise<void> {
  if (access.index === undefined) return;
  let bytes = 0;
  try {
    for (const inner of archive.inner) {
      for await (const events of readChecked(archive, inner, access)) {
        signal.throwIfAborted();
        for (const event of events) if (event.kind === "data") bytes += event.bytes.length;
        report({ step: "compare", part: inner.name, bytes });
      }
    }
  } catch (error) {
    if (!(error instanceof SafehouseError) || error.problem !== "damaged") throw error;
    throw notProven(fileName, error.message);
  }
}

function notProven(fileName: string, why: string): SafehouseError {
  return new SafehouseError("damaged", `${fileName} could not be proven: ${why}`, {
    subject: fileName,
    advice: "The old archive is as it was; check it with: safehouse backups verify",
  });
}

function refuseOther({ metadata }: OpenArchive, fileName: string, { old }: Successor): void {
  if (metadata.slug === old.archive.metadata.slug) return;
  throw new SafehouseError("already-exists", `${fileName} is another backup, ${metadata.slug}`, {
    subject: fileName,
    advice: "Move it away",
  });
}
