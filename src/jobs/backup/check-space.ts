import { estimateSize, type PartToEstimate, type SizeEstimate } from "#core/plan/estimate-size.ts";
import type { PartToPromise } from "#core/plan/promised-tar-size.ts";
import { partName, type Part } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { notesKey, type PublicNotes } from "#archive/backup-notes/seal.ts";
import type { Installation } from "#installation/installation.ts";
import type { ArchiveFacts } from "#location/archive-facts.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { BackupRequest } from "./backup-request.ts";

export interface Measuring {
  readonly installation: Installation;
  readonly parts: readonly Part[];
  readonly database: boolean;
  readonly signal: AbortSignal;
}

/** Source bytes of one part, and how they compress. */
export type MeasuredPart = Omit<PartToEstimate, "lastRatio"> &
  PartToPromise & { readonly of: Part };

/** Looks at everything that is to be backed up. */
export async function measureParts(
  request: BackupRequest,
  { installation, parts, database, signal }: Measuring,
): Promise<readonly MeasuredPart[]> {
  const measured: MeasuredPart[] = [];
  for (const part of parts) {
    const options = { database, rules: request.rules };
    const size = await installation.measure(part, options, signal);
    measured.push({ of: part, part: partName(part), ...size });
  }
  return measured;
}

/**
 * Estimates the size of the archive and compares it with the free space of a location, before anything is written.
 * Rejects with `no-space`, with both numbers, when even the smallest likely archive does not fit.
 */
export async function checkSpace(
  measured: readonly MeasuredPart[],
  location: ArchiveLocation,
  { compressed, signal }: { readonly compressed: boolean; readonly signal: AbortSignal },
): Promise<SizeEstimate> {
  const last = await lastBackup(location, signal);
  const parts = measured.map((part) => ({ ...part, lastRatio: lastRatio(part.of, last) }));
  const estimate = estimateSize(parts, compressed);
  const free = await location.freeSpace(signal);
  if (free !== undefined && free < estimate.atLeast) throw noSpace(estimate, free, location.id);
  return estimate;
}

function noSpace(estimate: SizeEstimate, free: number, location: string): SafehouseError {
  const needed = megabytes(estimate.atLeast);
  const message = `The backup will take at least ${needed} MB (about ${megabytes(estimate.expected)} MB), but ${location} has only ${megabytes(free)} MB free`;
  return new SafehouseError("no-space", message, {
    advice: "Remove old backups, choose another location, or leave something out",
    facts: { neededBytes: estimate.atLeast, expectedBytes: estimate.expected, freeBytes: free },
  });
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);
}

/** The newest backup of ours here: its figures say best how this home compresses. */
async function lastBackup(
  location: ArchiveLocation,
  signal: AbortSignal,
): Promise<ArchiveFacts | undefined> {
  const { backups } = await location.list(signal);
  return backups.find(
    ({ facts }) => facts?.compressed === true && facts.extra[notesKey] !== undefined,
  )?.facts;
}

function lastRatio(part: Part, facts: ArchiveFacts | undefined): number | undefined {
  if (facts === undefined) return undefined;
  const notes = facts.extra[notesKey] as Partial<PublicNotes>;
  const source = notes.parts?.[partName(part)]?.bytes;
  const stored = storedBytes(part, facts);
  return source === undefined || source < 1e6 || stored === 0 ? undefined : stored / source;
}

function storedBytes(part: Part, facts: ArchiveFacts): number {
  switch (part.kind) {
    case "homeassistant":
      return facts.homeassistant?.size ?? 0;
    case "addon":
      return facts.addons.find(({ slug }) => slug === part.slug)?.size ?? 0;
    case "folder":
      return facts.folders.find(({ name }) => name === part.name)?.size ?? 0;
    case "supervisor":
      return 0;
  }
}
