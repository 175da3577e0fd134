/** Between 1601, where Windows begins to count, and 1970. */
const epochInMs = 11_644_473_600_000n;

/** Milliseconds since 1970 as the 8 bytes of a FILETIME: tenths of a microsecond since 1601. */
export function fileTimeOf(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE((BigInt(Math.round(milliseconds)) + epochInMs) * 10_000n);
  return bytes;
}

/** A FILETIME in milliseconds since 1970. */
export function millisecondsOf(fileTime: bigint): number {
  return Number(fileTime - epochInMs * 10_000n) / 10_000;
}
