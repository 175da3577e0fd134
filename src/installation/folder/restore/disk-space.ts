import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import { factsOf } from "./disk-path.ts";

/** Bytes that one place needs. */
export interface SpaceNeed {
  /** A path that exists or will. */
  readonly path: string;
  readonly bytes: number;
}

/** Rejects with `no-space` if a file system cannot take what is meant for it and keep a reserve. */
export function checkFits(needs: readonly SpaceNeed[]): void {
  const perFileSystem = new Map<number, SpaceNeed>();
  for (const need of needs) {
    const path = nearestExisting(need.path);
    const device = statSync(path).dev;
    const bytes = (perFileSystem.get(device)?.bytes ?? 0) + need.bytes;
    perFileSystem.set(device, { path, bytes });
  }
  for (const { path, bytes } of perFileSystem.values()) {
    const usable = usableBytes(path);
    if (bytes > usable) throw tooLarge(path, bytes, usable);
  }
}

/** Rejects with `no-space` once the reserve is touched. */
export function checkReserve(path: string, writtenBytes: number): void {
  const usable = usableBytes(path);
  if (usable <= 0) throw fullWhileStaging(path, writtenBytes);
}

export function fullWhileStaging(path: string, writtenBytes: number): SafehouseError {
  return new SafehouseError(
    "no-space",
    `The disk of ${path} became full after ${megabytes(writtenBytes)} had been written; nothing was changed`,
    {
      subject: path,
      advice: "Free some space and try again",
      facts: { writtenBytes, freeBytes: Math.max(0, usableBytes(path)) },
    },
  );
}

/** Free bytes without the reserve: 64 MiB, but no more than 1 % of the file system. Below 0 if it is touched. */
function usableBytes(path: string): number {
  const { bavail, blocks, bsize } = statfsSync(path);
  return bavail * bsize - Math.min(64 * 1024 * 1024, (blocks * bsize) / 100);
}

function nearestExisting(path: string): string {
  let place = path;
  while (factsOf(place) === undefined && dirname(place) !== place) place = dirname(place);
  return place;
}

function tooLarge(path: string, neededBytes: number, freeBytes: number): SafehouseError {
  return new SafehouseError(
    "no-space",
    `The restore needs ${megabytes(neededBytes)} at ${path}, and ${megabytes(Math.max(0, freeBytes))} are free`,
    {
      subject: path,
      advice: "Free some space or restore fewer parts",
      facts: { neededBytes, freeBytes },
    },
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
