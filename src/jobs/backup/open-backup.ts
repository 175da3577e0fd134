import type { IndexStore } from "#archive/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import {
  openForReading,
  type ArchiveFile,
  type AskPassword,
} from "../archive/open-archive-file.ts";

export interface OpenBackupOptions {
  /** Asked only if the backup is encrypted; without it only headers can be looked at. */
  readonly askPassword: AskPassword | undefined;
  /** Where its index may be besides the location. */
  readonly otherIndexes?: readonly IndexStore[];
  readonly signal: AbortSignal;
}

/** Opens a backup at a location for reading its content, by slug or file name. */
export async function openBackup(
  location: ArchiveLocation,
  reference: string,
  { askPassword, otherIndexes = [], signal }: OpenBackupOptions,
): Promise<ArchiveFile> {
  const source = await location.open(reference, signal);
  return openForReading(source, {
    path: reference,
    askPassword,
    stores: [location.indexes(signal), ...otherIndexes],
  });
}
