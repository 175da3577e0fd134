import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { ArchiveTools } from "../archive/archive-tools.ts";
import type { ArchiveFile, AskPassword } from "../archive/open-archive-file.ts";
import { openBackup } from "./open-backup.ts";

export interface IndexedBackupOptions {
  readonly tools: Pick<ArchiveTools, "ownIndexStore">;
  readonly askPassword: AskPassword;
  readonly signal: AbortSignal;
}

/** A backup whose files can be looked up at once. */
export interface IndexedBackup extends AsyncDisposable {
  readonly file: ArchiveFile;
  readonly index: ArchiveIndex;
}

/**
 * Opens a backup, by slug or file name, for looking at its files. Rejects with `incomplete` if it has no index:
 * archives of others get theirs by `indexBackup`, which reads all of them.
 */
export async function openIndexedBackup(
  location: ArchiveLocation,
  reference: string,
  { tools, askPassword, signal }: IndexedBackupOptions,
): Promise<IndexedBackup> {
  const otherIndexes = [tools.ownIndexStore()];
  const file = await openBackup(location, reference, { askPassword, otherIndexes, signal });
  const close = async (): Promise<void> => file[Symbol.asyncDispose]();
  if (file.index !== undefined) return { file, index: file.index, [Symbol.asyncDispose]: close };
  await close();
  throw new SafehouseError("incomplete", "The files of this backup have not been listed yet", {
    subject: reference,
    advice: "Have its index made first, which reads all of it once",
    facts: { indexed: false },
  });
}
