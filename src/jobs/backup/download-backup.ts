import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { ArchiveTools } from "../archive/archive-tools.ts";
import { rewriteArchive } from "../archive/rewrite-archive.ts";
import type { AskPassword } from "../archive/open-archive-file.ts";
import { copyInto } from "./copy-archive.ts";
import { openBackup } from "./open-backup.ts";

export interface DownloadOptions {
  readonly to: string;
  readonly overwrite: boolean;
  /** Write an unencrypted copy. */
  readonly decrypt: boolean;
  readonly tools: ArchiveTools;
  readonly askPassword: AskPassword;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

export interface Downloaded {
  readonly path: string;
  readonly size: number;
  /** True if the copy is plain although the backup is encrypted. */
  readonly decrypted: boolean;
}

/** Copies a backup from a location to a file, byte for byte, or decrypted if that is asked for. */
export async function downloadBackup(
  location: ArchiveLocation,
  reference: string,
  options: DownloadOptions,
): Promise<Downloaded> {
  const { to, overwrite, tools, report, signal } = options;
  if (options.decrypt) {
    await using file = await openBackup(location, reference, options);
    const { size } = await rewriteArchive(file, tools, {
      to,
      overwrite,
      encryption: undefined,
      report,
      signal,
    });
    return { path: to, size, decrypted: file.encrypted };
  }
  const source = await location.open(reference, signal);
  try {
    const target = await tools.createFile(to, overwrite);
    await copyInto(source, target, { report, signal, step: "download" });
    return { path: to, size: source.size, decrypted: false };
  } finally {
    await source.close();
  }
}
