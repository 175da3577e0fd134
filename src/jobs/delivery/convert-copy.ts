import { resealExtra, notesKey } from "#archive/backup-notes/seal.ts";
import { carryIndex } from "#archive/convert/carry-index.ts";
import {
  convertArchive,
  type ConvertedArchive,
  type ConvertOptions,
} from "#archive/convert/convert-archive.ts";
import { createIndex } from "#archive/index/index-key.ts";
import { findIndex } from "#archive/index/find-index.ts";
import { openArchive, type OpenArchive } from "#archive/read/open-archive.ts";
import type { Protection } from "#core/delivery/protection.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import { prepareEncryption, type BackupKeys } from "#keys/backup-keys.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";
import { noKeyFor } from "../keys/no-key.ts";
import { meantKey, meantNote } from "../notes/meant-protection.ts";
import { openSource } from "./open-source.ts";
import { SourceFailure } from "./source-failure.ts";

/** What it takes to bring an archive to a location that wants it encrypted, or wants it not. */
export interface ConversionTools extends Pick<ConvertOptions, "openPool" | "openSpool"> {
  /** What opens an archive; undefined if it is not encrypted. */
  readonly keysOf: (archive: OpenArchive) => Promise<BackupKeys | undefined>;
  /** What an archive is encrypted with that is not; undefined if there is no key. */
  readonly newKeys: () => Promise<BackupKeys | undefined>;
}

export interface ConversionOptions extends ConversionTools {
  readonly from: ArchiveLocation;
  readonly to: ArchiveLocation;
  readonly report: ReportProgress;
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Copies an archive to another location and decrypts or encrypts it on the way; its index goes along. What was cut begins
 * anew. Rejects with a `SourceFailure` if it cannot be opened, with `password-needed` if there is no key to encrypt it
 * with, with `no-space`, and as the location does.
 */
export async function convertCopy(
  { object }: BackupAtLocation,
  wanted: Protection,
  options: ConversionOptions,
): Promise<void> {
  const { from, to, signal, log } = options;
  const source = await openSource(from.open(object.key, signal));
  try {
    await refuseFull(source.size, to, signal);
    const archive = await SourceFailure.of(openArchive(source));
    const keys = await SourceFailure.of(options.keysOf(archive));
    const newKeys = wanted === "encrypted" ? await options.newKeys() : undefined;
    if (wanted === "encrypted" && newKeys === undefined) throw noKeyFor(to.id);
    const converted = await convert(archive, { fileName: object.key, keys, newKeys }, options);
    if (!(await bringIndex(archive, { keys, newKeys, converted }, options)))
      log("It has no index there; whoever reads it makes one");
  } finally {
    await source.close();
  }
}

interface Keys {
  /** Of the archive as it is. */
  readonly keys: BackupKeys | undefined;
  /** Of the archive as it will be. */
  readonly newKeys: BackupKeys | undefined;
}

async function convert(
  archive: OpenArchive,
  { fileName, keys, newKeys }: Keys & { readonly fileName: string },
  { to, openPool, openSpool, report, signal }: ConversionOptions,
): Promise<ConvertedArchive> {
  const resealed = await resealExtra(archive.metadata.extra, keys, newKeys);
  const extra = withMeaning(resealed, newKeys === undefined ? "plain" : "encrypted");
  const encryption = newKeys && (await prepareEncryption(3, newKeys));
  const target = await to.createWriter(fileName, {}, signal);
  const told: ReportProgress = (progress) =>
    report({ ...progress, step: "deliver", totalBytes: archive.source.size });
  const options = { keys, encryption, extra, target, openPool, openSpool, signal };
  return convertArchive(archive, { ...options, report: told });
}

/** Whether it is now as it was meant to be; the opposite is noted. */
function withMeaning(
  extra: Readonly<Record<string, unknown>>,
  is: Protection,
): Readonly<Record<string, unknown>> {
  const { [meantKey]: meant, ...others } = (extra[notesKey] ?? {}) as Record<string, unknown>;
  if (meant === is) return { ...extra, [notesKey]: others };
  const was = is === "plain" ? "encrypted" : "plain";
  return { ...extra, [notesKey]: { ...others, ...meantNote(was) } };
}

async function bringIndex(
  archive: OpenArchive,
  { keys, newKeys, converted }: Keys & { readonly converted: ConvertedArchive },
  { from, to, signal }: ConversionOptions,
): Promise<boolean> {
  const { index } = await findIndex(archive, [from.indexes(signal)], keys);
  if (index === undefined) return false;
  try {
    const { slug } = archive.metadata;
    const sink = await to.indexes(signal).create(slug);
    const next = await createIndex(sink, { slug, keys: newKeys, rootSalt: undefined });
    return await carryIndex(index, converted, next);
  } finally {
    await index.close();
  }
}

async function refuseFull(size: number, to: ArchiveLocation, signal: AbortSignal): Promise<void> {
  const free = await to.freeSpace(signal);
  if (free === undefined || free >= size) return;
  throw new SafehouseError(
    "no-space",
    `The copy takes ${size} bytes at ${to.id}; ${free} are free`,
    {
      subject: to.id,
      facts: { neededBytes: size, freeBytes: free },
    },
  );
}
