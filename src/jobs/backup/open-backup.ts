import { findIndex } from "#archive/index/find-index.ts";
import { openArchive } from "#archive/read/open-archive.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { unlock, type ArchiveFile, type AskPassword } from "../archive/open-archive-file.ts";

export interface OpenBackupOptions {
  /** Asked only if the backup is encrypted. */
  readonly askPassword: AskPassword;
  readonly signal: AbortSignal;
}

/** Opens a backup at a location for reading its content, by slug or file name. */
export async function openBackup(
  location: ArchiveLocation,
  reference: string,
  { askPassword, signal }: OpenBackupOptions,
): Promise<ArchiveFile> {
  const source = await location.open(reference, signal);
  try {
    const archive = await openArchive(source);
    const unlocked = await unlock(archive, askPassword);
    const { index, warnings } = await findIndex(archive, [location.indexes(signal)], unlocked.keys);
    const close = async (): Promise<void> => {
      await index?.close();
      await source.close();
    };
    return { path: reference, archive, ...unlocked, index, warnings, [Symbol.asyncDispose]: close };
  } catch (error) {
    await source.close();
    throw error;
  }
}
