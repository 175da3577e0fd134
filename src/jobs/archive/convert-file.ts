import { resealExtra } from "#archive/backup-notes/seal.ts";
import { convertArchive, type ConvertOptions } from "#archive/convert/convert-archive.ts";
import { prepareEncryption, type BackupKeys } from "#keys/backup-keys.ts";
import type { ArchiveFile } from "./open-archive-file.ts";

export interface ConvertFileOptions extends Pick<
  ConvertOptions,
  "openPool" | "openSpool" | "report" | "signal"
> {
  /** Undefined writes a plain archive. */
  readonly encryption: { readonly version: 2 | 3; readonly keys: BackupKeys } | undefined;
  /** Called once all else is ready, so that nothing is begun that cannot be written. */
  readonly openTarget: () => Promise<ConvertOptions["target"]>;
}

/** Writes an archive anew with another key or none, its private notes with it. See `convertArchive`. */
export async function convertFile(
  { archive, keys }: ArchiveFile,
  { encryption, openTarget, ...options }: ConvertFileOptions,
): Promise<void> {
  const context = encryption && (await prepareEncryption(encryption.version, encryption.keys));
  const extra = await resealExtra(archive.metadata.extra, keys, encryption?.keys);
  const target = await openTarget();
  await convertArchive(archive, { ...options, keys, encryption: context, extra, target });
}
