import { defaultFileName } from "#format/backup-json/default-file-name.ts";
import type { BackupMetadata } from "#core/model/backup.ts";

/** File name that Home Assistant would give to an archive; `<slug>.tar` where its date cannot be read. */
export function archiveFileName(metadata: Pick<BackupMetadata, "slug" | "name" | "date">): string {
  return defaultFileName(metadata);
}
