import { createIndex } from "#archive/index/index-key.ts";
import type { SinkTarget } from "#archive/write/archive-sink.ts";
import { protectionAt } from "#core/delivery/protection.ts";
import { prepareEncryption, type BackupKeys } from "#keys/backup-keys.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { noKeyFor } from "../keys/no-key.ts";
import type { BackupRun, MakingTools } from "./make-backup.ts";

/** A location at which an archive is being made. */
export interface BackupTarget {
  readonly location: ArchiveLocation;
  readonly sink: SinkTarget;
  /** What the archive is encrypted with there; undefined if it is not. */
  readonly keys: BackupKeys | undefined;
  /** False if the location has it otherwise than whoever wanted the backup. */
  readonly isAsMeant: boolean;
}

/** Begins the archive at each location of a run. One that fails is left out, but for the last: then it rejects. */
export async function openBackupTargets(
  run: BackupRun,
  tools: MakingTools,
): Promise<readonly BackupTarget[]> {
  const opening = run.locations.map((location) => openTarget(location, run, tools));
  const results = await Promise.allSettled(opening);
  const opened = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (opened.length > 0) return opened;
  await Promise.all(opening);
  throw new RangeError("A backup needs a location");
}

async function openTarget(
  location: ArchiveLocation,
  { request, identity }: BackupRun,
  { openSpool, currentKeys, signal }: MakingTools,
): Promise<BackupTarget> {
  const meant = request.encryption === undefined ? "plain" : "encrypted";
  const isProtected = protectionAt(location, meant) === "encrypted";
  const keys = isProtected ? (request.encryption?.keys ?? (await currentKeys())) : undefined;
  if (isProtected && keys === undefined) throw noKeyFor(location.id);
  const encryption = keys && (await prepareEncryption(request.encryption?.version ?? 3, keys));
  const target = await location.createWriter(identity.fileName, {}, signal);
  try {
    const sink = await location.indexes(signal).create(identity.slug);
    const rootSalt = encryption?.rootSalt;
    const index = await createIndex(sink, { slug: identity.slug, keys, rootSalt });
    const isAsMeant = isProtected === (meant === "encrypted");
    const written = { name: location.id, target, encryption, index, openSpool };
    return { location, sink: written, keys, isAsMeant };
  } catch (error) {
    await target.abort();
    throw error;
  }
}
