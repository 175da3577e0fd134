import { readAhead } from "#archive/read/read-ahead.ts";
import { protectionAt, type Protection } from "#core/delivery/protection.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { RunBackup } from "#core/model/run.ts";
import type { ByteSource, ReportProgress } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";
import { isSlug } from "#location/backup-files.ts";
import { knownNotes } from "../backup/verification-notes.ts";
import { copyInto } from "../backup/copy-archive.ts";
import { meantProtection } from "../notes/meant-protection.ts";
import { notesForCopy } from "../notes/notes-for-copy.ts";
import { stepErrorOf } from "../runs/step-error.ts";
import { convertCopy, type ConversionTools } from "./convert-copy.ts";
import { findCopy } from "./find-copy.ts";
import { openSource } from "./open-source.ts";
import { sameBytes } from "./same-bytes.ts";
import { SourceFailure } from "./source-failure.ts";

export interface DeliveryOptions extends ConversionTools {
  /** Where a copy is. */
  readonly from: ArchiveLocation;
  readonly to: ArchiveLocation;
  readonly report: ReportProgress;
  /** Keeps a line for people. */
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

/** `copied`: it was not there before. `was-there`: the same bytes were, or the same backup as the location wants it. */
export type Arrival = "copied" | "was-there";

/**
 * Copies a backup from one location to another with its index and its notes: byte for byte, unless it is to be encrypted
 * there and is not, or the other way round. It appears whole or not at all. Rejects with a `SourceFailure` if there is no
 * good copy to read, with `already-exists` if another archive of its slug is there, and as that location does.
 */
export async function deliverBackup(backup: RunBackup, options: DeliveryOptions): Promise<Arrival> {
  const { from, signal } = options;
  const copy = await SourceFailure.of(findCopy(from, backup, signal));
  refuseBad(copy);
  const converted = conversionAt(copy, options.to);
  if (converted !== undefined) return deliverConverted(copy, converted, options);
  if (await hasTwin(copy, options)) {
    await bringSidecars(copy, { ...options, keepNotes: true });
    return "was-there";
  }
  try {
    await bringSidecars(copy, { ...options, keepNotes: false });
    await bringArchive(copy, options);
  } catch (error) {
    await takeBack(copy, options);
    throw error;
  }
  return "copied";
}

/** What is known to be damaged is not spread. */
function refuseBad({ object, location, problems, notes }: BackupAtLocation): void {
  const verdict = knownNotes(notes).verification?.verdict;
  const [problem] = problems;
  const isBad = verdict === "damaged" || verdict === "missing";
  if (problem === undefined && !isBad) return;
  const why = problem?.message ?? "it was found so when it was last read";
  const advice =
    "Copy it from another location, or save what can be read with: safehouse archive extract";
  throw new SourceFailure(
    new SafehouseError("damaged", `${object.key} at ${location} is damaged: ${why}`, {
      subject: object.key,
      advice,
    }),
  );
}

/** How it is there, where that is otherwise than in the copy. */
function conversionAt({ facts }: BackupAtLocation, to: ArchiveLocation): Protection | undefined {
  if (facts === undefined) return undefined;
  const present = facts.protected ? "encrypted" : "plain";
  const wanted = protectionAt(to, meantProtection(facts.extra) ?? present);
  return wanted === present ? undefined : wanted;
}

async function deliverConverted(
  copy: BackupAtLocation,
  wanted: Protection,
  options: DeliveryOptions,
): Promise<Arrival> {
  const { backups } = await options.to.list(options.signal);
  const [twin] = backups.filter(({ facts }) => facts?.slug === copy.facts?.slug);
  if (twin !== undefined) {
    if (isSameBackup(twin, copy)) return "was-there";
    throw otherThere(copy, options);
  }
  try {
    await bringNotes(copy, { ...options, keepNotes: false });
    await convertCopy(copy, wanted, options);
  } catch (error) {
    await takeBack(copy, options);
    throw error;
  }
  return "copied";
}

function isSameBackup({ facts: a }: BackupAtLocation, { facts: b }: BackupAtLocation): boolean {
  return a?.slug === b?.slug && a?.name === b?.name && a?.date === b?.date;
}

async function hasTwin(copy: BackupAtLocation, options: DeliveryOptions): Promise<boolean> {
  const { from, to, report, signal } = options;
  const { backups } = await to.list(signal);
  const { key } = copy.object;
  const twins = backups.filter(
    ({ facts, object }) => facts?.slug === copy.facts?.slug || object.key === key,
  );
  for (const twin of twins) {
    const mine = await openSource(from.open(key, signal));
    const theirs = await to.open(twin.object.key, signal).catch(closing(mine));
    try {
      if (await sameBytes(mine, theirs, { report, signal })) return true;
    } finally {
      await mine.close();
      await theirs.close();
    }
  }
  if (twins.length === 0) return false;
  throw otherThere(copy, options);
}

function otherThere({ facts, object }: BackupAtLocation, { to }: DeliveryOptions): SafehouseError {
  return new SafehouseError(
    "already-exists",
    `Another archive at ${to.id} is backup ${facts?.slug ?? object.key} already, with other bytes`,
    { subject: object.key, advice: "Verify it there, and remove it if it is the wrong one" },
  );
}

function closing(source: { close(): Promise<void> }): (error: unknown) => Promise<never> {
  return async (error) => {
    await source.close();
    throw error;
  };
}

async function bringArchive(copy: BackupAtLocation, options: DeliveryOptions): Promise<void> {
  const { from, to, report, log, signal } = options;
  const { key } = copy.object;
  const source = await openSource(from.open(key, signal));
  try {
    const { size } = source;
    const open = (begin?: number) => bytesOf(source, begin, report);
    await to.put(key, { open, size }, signal);
    const isSame = await to.matches(key, (begin) => bytesOf(source, begin, silent), signal);
    if (isSame === true) log("The checksum that the place has made of it agrees");
    if (isSame === false) throw await spoilt(key, options);
  } finally {
    await source.close();
  }
}

function silent(): void {
  // Comparing is no transfer.
}

/** What arrived with other bytes would only mislead. */
async function spoilt(key: string, { to, signal }: DeliveryOptions): Promise<SafehouseError> {
  await to.remove(key, signal);
  return new SafehouseError(
    "damaged",
    `${key} arrived at ${to.id} with other bytes than were sent, by the checksum of the place`,
    { subject: key, advice: "It was removed; check the line to the place, and try again" },
  );
}

const blockSize = 1024 * 1024;

/** The bytes of the source from there on; a failure to read them is the source's. */
async function* bytesOf(
  source: ByteSource,
  from = 0,
  report: ReportProgress,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { size: totalBytes } = source;
  let bytes = from;
  for await (const block of readAhead(
    source,
    { offset: from, length: totalBytes - from },
    blockSize,
  )) {
    yield block;
    bytes += block.length;
    report({ step: "deliver", bytes, totalBytes });
  }
}

/** Before the archive, so that no copy is ever seen without them. Notes that are there belong to a twin. */
async function bringSidecars(
  copy: BackupAtLocation,
  options: DeliveryOptions & { readonly keepNotes: boolean },
): Promise<void> {
  const { from, to, signal, report } = options;
  const slug = copy.facts?.slug;
  if (slug === undefined || !isSlug(slug)) return;
  const found = await SourceFailure.of(from.indexes(signal).open(slug));
  if (found !== undefined) {
    const index = await openSource(Promise.resolve(found));
    try {
      const target = await to.indexes(signal).create(slug);
      await copyInto(index, target, { report, signal, step: "index" });
    } finally {
      await index.close();
    }
  }
  await bringNotes(copy, options);
}

async function bringNotes(
  copy: BackupAtLocation,
  { to, signal, keepNotes }: DeliveryOptions & { readonly keepNotes: boolean },
): Promise<void> {
  const slug = copy.facts?.slug;
  if (slug === undefined || !isSlug(slug)) return;
  const notes = notesForCopy(copy);
  const isNoted = keepNotes && (await to.readNotes(slug, signal)) !== undefined;
  if (notes !== undefined && !isNoted) await to.writeNotes(slug, notes, signal);
}

/** The signal may have fired, and the place may be the cause of the failure. */
async function takeBack(
  { facts, object }: BackupAtLocation,
  { to, log, signal }: DeliveryOptions,
): Promise<void> {
  const goesOn = new AbortController().signal;
  try {
    // It may have appeared in the very moment in which it was told to stop.
    const { backups } = await to.list(goesOn);
    const isThere = backups.some((backup) => backup.object.key === object.key);
    if (signal.aborted && isThere) await to.remove(object.key, goesOn);
    await to.tidy(facts?.slug, goesOn);
  } catch (error) {
    const { message } = stepErrorOf(error);
    log(`What had arrived of the copy could not be removed: ${message}`);
  }
}
