import { notesKey, sealNotes, type PublicNotes } from "#archive/backup-notes/seal.ts";
import type { Spool } from "#archive/ports.ts";
import { ArchiveSink, type ArchiveSinkOptions } from "#archive/write/archive-sink.ts";
import { identifyBackup, type BackupIdentity } from "#archive/write/identify-backup.ts";
import { partName } from "#core/model/part.ts";
import type { RunBackup } from "#core/model/run.ts";
import { resolveSelection, type ResolvedSelection } from "#core/plan/resolve-selection.ts";
import type { Clock, ReportProgress } from "#core/ports.ts";
import type { Installation, InstallationState } from "#installation/installation.ts";
import type { BackupKeys } from "#keys/backup-keys.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { meantNote } from "../notes/meant-protection.ts";
import { originKey, originNote, type BackupOrigin } from "../notes/origin.ts";
import { documentFor } from "./backup-document.ts";
import type { BackupRequest } from "./backup-request.ts";
import type { BackedUpPart } from "./backup-result.ts";
import { openBackupTargets, type BackupTarget } from "./backup-target.ts";
import { checkSpace, measureParts, type MeasuredPart } from "./check-space.ts";
import { promiseSizes } from "./promise-sizes.ts";
import { writeParts } from "./write-parts.ts";

/** What making a backup works with. */
export interface BackupTools {
  readonly installation: Installation;
  readonly openPool: () => Promise<ArchiveSinkOptions["pool"]>;
  /** Ends the pool's threads: reading back needs none of them, and memory is short on small machines. */
  readonly closePool: () => Promise<void>;
  readonly openSpool: () => Promise<Spool>;
  /** Bytes that a spool may take; undefined where the system does not tell. */
  readonly spoolSpace: () => Promise<number | undefined>;
  readonly clock: Clock;
  /** Name and version of this program. */
  readonly writer: string;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

export interface MakingTools extends BackupTools {
  /** Opens the locations that it is made at. Given a check of whether the archive can be at one. */
  readonly openTargets: (
    check: (location: ArchiveLocation) => Promise<void>,
  ) => Promise<readonly ArchiveLocation[]>;
  /** Key of locations that want to be encrypted what is not; undefined if there is none. */
  readonly currentKeys: () => Promise<BackupKeys | undefined>;
  /** Whose backup it is; stands in it. */
  readonly origin: BackupOrigin;
}

/** An archive that is written whole and has not been read back. */
export interface MadeBackup extends Pick<BackupRun, "identity" | "name"> {
  readonly full: boolean;
  readonly compressed: boolean;
  readonly parts: readonly BackedUpPart[];
  /** Milliseconds since 1970. */
  readonly started: number;
  /** Where it was to be made, and what became of it; at one of them at least it is. */
  readonly targets: readonly MadeTarget[];
}

export interface MadeTarget {
  readonly location: ArchiveLocation;
  readonly protected: boolean;
  /** Bytes of the archive; undefined if it is not there. */
  readonly size: number | undefined;
  readonly error: unknown;
}

/**
 * Makes one backup, in one pass at one location or several: estimate, then write. The archive appears whole or not at
 * all. Rejects with `no-space` before anything is written. A part that fails does not keep the others from being backed
 * up, but for Home Assistant itself; a location that fails is left behind, but for the last.
 * @param named is waited for when the archive has its name, before it is begun
 */
export async function makeBackup(
  request: BackupRequest,
  tools: MakingTools,
  named: (backup: RunBackup) => Promise<void>,
): Promise<MadeBackup> {
  const started = tools.clock.now();
  // Beside each other: starting threads takes a tenth of a second.
  const [run, pool] = await Promise.all([planRun(request, tools, started), tools.openPool()]);
  const { name, identity, selection } = run;
  await named({ slug: identity.slug, name, fileName: identity.fileName });
  const written = await write(run, pool, tools);
  await tools.closePool();
  return { identity, name, full: selection.full, ...written, started };
}

/** One run, from the moment on when it is known what it is about. */
export interface BackupRun {
  readonly request: BackupRequest;
  readonly selection: ResolvedSelection;
  readonly state: InstallationState;
  readonly name: string;
  readonly identity: BackupIdentity;
  readonly locations: readonly ArchiveLocation[];
  readonly measured: readonly MeasuredPart[];
}

async function planRun(
  request: BackupRequest,
  tools: MakingTools,
  started: number,
): Promise<BackupRun> {
  const { installation, signal } = tools;
  const state = await installation.describe(signal);
  const selection = resolveSelection(request.selection, state.parts, "this home");
  const { parts, database } = selection;
  const measured = await measureParts(request, { installation, parts, database, signal });
  const name = request.name ?? defaultName(selection, state);
  const identity = identifyBackup(name, started);
  const { fileName = identity.fileName, compressed } = request;
  const locations = await tools.openTargets(async (location) => {
    await checkSpace(measured, location, { compressed, signal });
    if (request.fileName !== undefined) await location.checkNewName(fileName, signal);
  });
  return {
    request,
    selection,
    state,
    name,
    identity: { ...identity, fileName },
    locations,
    measured,
  };
}

async function write(
  run: BackupRun,
  pool: ArchiveSinkOptions["pool"],
  tools: MakingTools,
): Promise<Pick<MadeBackup, "parts" | "targets" | "compressed">> {
  const { request } = run;
  const opened = await openBackupTargets(run, tools);
  const mtime = tools.clock.now() / 1000;
  const targets = opened.map(({ sink: target }) => target);
  const tarSizes = await promiseSizes(run, targets, tools);
  const compressed = request.compressed && tarSizes === undefined;
  const sink = new ArchiveSink({ targets, compressed, tarSizes, pool, mtime });
  try {
    const parts = await writeParts(run, sink, tools);
    const notes: PublicNotes = { version: 1, writer: tools.writer, parts: countsOf(parts) };
    const results = await sink.finish(async ({ name }) => {
      const target = expectTarget(opened, name);
      const extra = await extraOf(run, { notes, origin: tools.origin }, target);
      const isProtected = target.keys !== undefined;
      return documentFor(run, parts, { extra, isProtected, compressed });
    });
    const made = results.map(({ name, size, error }) => {
      const { location, keys } = expectTarget(opened, name);
      return { location, protected: keys !== undefined, size, error };
    });
    return { parts, targets: made, compressed };
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

function expectTarget(opened: readonly BackupTarget[], id: string): BackupTarget {
  const target = opened.find(({ location }) => location.id === id);
  if (target === undefined) throw new Error(`Nothing is written at ${id}`);
  return target;
}

async function extraOf(
  { request }: BackupRun,
  { notes, origin }: { readonly notes: PublicNotes; readonly origin: BackupOrigin },
  { keys, sink, isAsMeant }: BackupTarget,
): Promise<Readonly<Record<string, unknown>>> {
  const rootSalt = sink.encryption?.rootSalt;
  const secret = { rules: request.rules.map(({ text }) => text) };
  const sealed = await sealNotes(notes, secret, keys && { keys, rootSalt });
  const meant = isAsMeant
    ? {}
    : meantNote(request.encryption === undefined ? "plain" : "encrypted");
  return { ...request.extra, [notesKey]: { ...sealed, ...meant, [originKey]: originNote(origin) } };
}

function countsOf(parts: readonly BackedUpPart[]): PublicNotes["parts"] {
  return Object.fromEntries(parts.map(({ part, files, bytes }) => [part, { files, bytes }]));
}

function defaultName(
  { full, parts }: ResolvedSelection,
  { homeassistantVersion }: InstallationState,
): string {
  const version = homeassistantVersion === undefined ? "" : ` ${homeassistantVersion}`;
  const only = parts.length === 1 && parts[0] !== undefined ? `${partName(parts[0])} ` : "";
  return full
    ? `Full backup${version}`
    : `Partial backup ${only}${version}`.replaceAll(/ +/g, " ").trim();
}
