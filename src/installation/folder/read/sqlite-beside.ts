/** Place of the log, index or journal that goes with a database. */
export function besideDatabase(
  place: string | Buffer,
  suffix: "-wal" | "-shm" | "-journal",
): string | Buffer {
  return typeof place === "string" ? place + suffix : Buffer.concat([place, Buffer.from(suffix)]);
}
