import { createHash } from "node:crypto";
import { readAhead } from "#archive/read/read-ahead.ts";
import type { ByteSource } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";

/** SHA-256 of an archive as it lies at a location. */
export interface ArchiveChecksum {
  readonly algorithm: "sha-256";
  /** 64 hexadecimal digits. */
  readonly value: string;
  /** Bytes. */
  readonly size: number;
}

/** Of each version of an archive that was read since the program began; the oldest are forgotten. */
const known = new Map<string, ArchiveChecksum>();
const mostKnown = 1000;

type Found = Pick<BackupAtLocation, "location" | "object">;

/** What is known of an archive that was just found, without reading it. */
export function knownChecksum(found: Found): ArchiveChecksum | undefined {
  return known.get(keyOf(found));
}

/** Reads a backup, by slug or file name, unless this version of it was read before. */
export async function archiveChecksum(
  location: ArchiveLocation,
  reference: string,
  signal: AbortSignal,
): Promise<ArchiveChecksum> {
  const found = await location.find(reference, signal);
  const before = knownChecksum(found);
  if (before !== undefined) return before;
  const source = await location.openFound(found, signal);
  try {
    const { size } = source;
    const checksum = { algorithm: "sha-256", value: await sha256Of(source, signal), size } as const;
    known.set(keyOf(found), checksum);
    const [oldest] = known.keys();
    if (known.size > mostKnown && oldest !== undefined) known.delete(oldest);
    return checksum;
  } finally {
    await source.close();
  }
}

async function sha256Of(source: ByteSource, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of readAhead(source, { offset: 0, length: source.size }, blockSize)) {
    signal.throwIfAborted();
    hash.update(bytes);
  }
  return hash.digest("hex");
}

const blockSize = 1024 * 1024;

function keyOf({ location, object }: Found): string {
  return JSON.stringify([location, object.key, object.version]);
}
