import { openArchive } from "#archive/read/open-archive.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { ArchiveTools } from "../archive/archive-tools.ts";
import { copyInto } from "./copy-archive.ts";
import { refuseTwin } from "./refuse-twin.ts";

export interface UploadOptions {
  /** Name of the file at the location; the archive's own name without it. */
  readonly fileName: string;
  readonly tools: ArchiveTools;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

export interface Uploaded {
  readonly slug: string;
  readonly name: string;
  readonly file: string;
  readonly size: number;
}

/**
 * Copies an archive file to a location as it is. Rejects with `not-a-backup` and the like before anything
 * is written, and with `already-exists` if the backup is there already.
 */
export async function uploadBackup(
  path: string,
  location: ArchiveLocation,
  options: UploadOptions,
): Promise<Uploaded> {
  const { fileName, tools, report, signal } = options;
  const source = await tools.openFile(path);
  try {
    const { metadata } = await openArchive(source);
    await refuseTwin(location, metadata.slug, signal);
    const target = await location.createWriter(fileName, { size: source.size }, signal);
    await copyInto(source, target, { report, signal, step: "upload" });
    return { slug: metadata.slug, name: metadata.name, file: fileName, size: source.size };
  } finally {
    await source.close();
  }
}
