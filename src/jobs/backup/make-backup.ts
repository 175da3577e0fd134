import { notesKey, sealNotes, type PublicNotes } from "#archive/backup-notes/seal.ts";
import { createIndex } from "#archive/index/index-key.ts";
import type { Spool } from "#archive/ports.ts";
import {
  ArchiveSink,
  type ArchiveSinkOptions,
  type SinkTarget,
  type TargetResult,
} from "#archive/write/archive-sink.ts";
import { identifyBackup, type BackupIdentity } from "#archive/write/identify-backup.ts";
import { partName } from "#core/model/part.ts";
import type { RunBackup } from "#core/model/run.ts";
import { resolveSelection, type ResolvedSelection } from "#core/plan/resolve-selection.ts";
import type { Clock, ReportProgress } from "#core/ports.ts";
import type { Installation, InstallationState } from "#installation/installation.ts";
import { prepareEncryption } from "#keys/backup-keys.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { originKey, originNote, type BackupOrigin } from "../notes/origin.ts";
import type { BackupRequest } from "./backup-request.ts";
import type { BackedUpPart } from "./backup-result.ts";
import { checkSpace } from "./check-space.ts";
import { documentFor } from "./backup-document.ts";
import { writeParts } from "./write-parts.ts";

type Encryption = SinkTarget["encryption"];

/** What making a backup works with. */
export interface BackupTools {
  readonly installation: Installation;
  readonly location: ArchiveLocation;
  readonly openPool: () => Promise<ArchiveSinkOptions["pool"]>;
  /** Ends the pool's threads: reading back needs none of them, and memory is short on small machines. */
  readonly closePool: () => Promise<void>;
  readonly openSpool: () => Promise<Spool>;
  readonly clock: Clock;
  /** Whose backup it is; stands in it. */
  readonly origin: BackupOrigin;
  /** Name and version of this program. */
  readonly writer: string;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/** An archive that is written whole and has not been read back. */
export interface MadeBackup extends Pick<BackupRun, "identity" | "name"> {
  readonly full: boolean;
  /** Bytes of the archive. */
  readonly size: number;
  readonly parts: readonly BackedUpPart[];
  /** Milliseconds since 1970. */
  readonly started: number;
}

/**
 * Makes one backup at one location: estimate, then write. The archive appears whole or not at all. Rejects
 * with `no-space` before anything is written. A part that fails does not keep the others from being backed
 * up, but for Home Assistant itself.
 * @param named is waited for when the archive has its name, before it is begun
 */
export async function makeBackup(
  request: BackupRequest,
  tools: BackupTools,
  named: (backup: RunBackup) => Promise<void>,
): Promise<MadeBackup> {
  const started = tools.clock.now();
  // Beside each other: a key takes a tenth of a second, and starting threads as long.
  const [run, encryption, pool] = await Promise.all([
    planRun(request, tools, started),
    prepareFor(request),
    tools.openPool(),
  ]);
  const { name, identity, selection } = run;
  await named({ slug: identity.slug, name, fileName: identity.fileName });
  const written = await write(run, { encryption, pool }, tools);
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
  /** Source bytes expected, for progress. */
  readonly totalBytes: number;
}

async function planRun(
  request: BackupRequest,
  tools: BackupTools,
  started: number,
): Promise<BackupRun> {
  const state = await tools.installation.describe(tools.signal);
  const selection = resolveSelection(request.selection, state.parts, "this home");
  const { parts, database } = selection;
  const estimate = await checkSpace(request, { ...tools, parts, database });
  const name = request.name ?? defaultName(selection, state);
  const identity = identifyBackup(name, started);
  const { fileName = identity.fileName } = request;
  if (request.fileName !== undefined) await tools.location.checkNewName(fileName, tools.signal);
  return {
    request,
    selection,
    state,
    name,
    identity: { ...identity, fileName },
    totalBytes: estimate.bytes,
  };
}

async function prepareFor({ encryption }: BackupRequest): Promise<Encryption> {
  return encryption && prepareEncryption(encryption.version, encryption.keys);
}

async function write(
  run: BackupRun,
  { encryption, pool }: Pick<ArchiveSinkOptions, "pool"> & { readonly encryption: Encryption },
  tools: BackupTools,
): Promise<{ readonly size: number; readonly parts: readonly BackedUpPart[] }> {
  const { request, identity } = run;
  const target = await openTarget(run, encryption, tools);
  const mtime = tools.clock.now() / 1000;
  const sink = new ArchiveSink({ targets: [target], compressed: request.compressed, pool, mtime });
  try {
    const parts = await writeParts(run, sink, tools);
    const { origin } = tools;
    const notes: PublicNotes = { version: 1, writer: tools.writer, parts: countsOf(parts) };
    const [result] = await sink.finish(async () =>
      documentFor(run, parts, await extraOf(run, { notes, origin }, target)),
    );
    return { size: writtenSize(identity.fileName, result), parts };
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

function writtenSize(fileName: string, result: TargetResult | undefined): number {
  if (result?.size !== undefined) return result.size;
  throw result?.error instanceof Error ? result.error : new Error(`${fileName} was not written`);
}

async function openTarget(
  { request, identity }: BackupRun,
  encryption: Encryption,
  tools: BackupTools,
): Promise<SinkTarget> {
  const { location, openSpool, signal } = tools;
  const target = await location.createWriter(identity.fileName, {}, signal);
  try {
    const sink = await location.indexes(signal).create(identity.slug);
    const keys = request.encryption?.keys;
    const index = await createIndex(sink, {
      slug: identity.slug,
      keys,
      rootSalt: encryption?.rootSalt,
    });
    return { name: location.id, target, encryption, index, openSpool };
  } catch (error) {
    await target.abort();
    throw error;
  }
}

async function extraOf(
  { request }: BackupRun,
  { notes, origin }: { readonly notes: PublicNotes; readonly origin: BackupOrigin },
  { encryption }: SinkTarget,
): Promise<Readonly<Record<string, unknown>>> {
  const keys = request.encryption?.keys;
  const secret = { rules: request.rules.map(({ text }) => text) };
  const sealed = await sealNotes(notes, secret, keys && { keys, rootSalt: encryption?.rootSalt });
  return { ...request.extra, [notesKey]: { ...sealed, [originKey]: originNote(origin) } };
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
