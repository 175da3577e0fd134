import { openArchive } from "#archive/read/open-archive.ts";
import { identifyBackup } from "#archive/write/identify-backup.ts";
import type { BackupMetadata } from "#core/model/backup.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { IncomingFiles } from "./incoming-files.ts";
import { inTurn } from "./in-turn.ts";
import { refuseTwin } from "./refuse-twin.ts";
import type { Uploaded } from "./upload-backup.ts";

export interface ReceiveOptions {
  readonly location: ArchiveLocation;
  readonly incoming: IncomingFiles;
  /** Name of the archive at the location; one made of its date and name without it. */
  readonly fileName: string | undefined;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Makes a file that has come in whole a backup of its location, once its headers have been walked to the end.
 * Rejects with `not-a-backup`, `damaged`, `truncated` and the like for what is none, with `already-exists` for a
 * backup that is there, and with `usage` for a name that no archive can have; then the file stays.
 */
export async function receiveArchive(name: string, options: ReceiveOptions): Promise<Uploaded> {
  return inTurn(options.location.id, () => receive(name, options));
}

async function receive(
  name: string,
  { location, incoming, fileName, report, signal }: ReceiveOptions,
): Promise<Uploaded> {
  const { metadata, size } = await look(name, incoming, signal);
  await refuseTwin(location, metadata.slug, signal);
  const file = fileName ?? fileNameOf(metadata);
  await incoming.deliver(name, { fileName: file, report, signal });
  return { slug: metadata.slug, name: metadata.name, file, size };
}

/** As a backup of that name and date is called when it is made. */
export function fileNameOf({ slug, name, date }: BackupMetadata): string {
  const made = Date.parse(date);
  return Number.isNaN(made) ? `${slug}.tar` : identifyBackup(name, made).fileName;
}

async function look(
  name: string,
  incoming: IncomingFiles,
  signal: AbortSignal,
): Promise<{ readonly metadata: BackupMetadata; readonly size: number }> {
  const source = await incoming.open(name, signal);
  try {
    const { metadata } = await openArchive(source);
    return { metadata, size: source.size };
  } finally {
    await source.close();
  }
}
