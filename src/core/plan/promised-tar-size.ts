/** What is known of a part before it is read. */
export interface PartToPromise {
  /** Sum of file sizes. */
  readonly bytes: number;
  /** Files, folders and links. */
  readonly entries: number;
  /** UTF-8 bytes of all their paths and of what links point to. */
  readonly nameBytes: number;
}

/** A header, an extended one with times and long names, and what fills content up to a whole block. */
const mostPerEntry = 4 * 512;
/** Names stand twice where they are not ASCII, and a third longer where they are no UTF-8. */
const mostPerNameByte = 3;
/** Files grow until they are read, above all databases. */
const growth = 0.01;
const leastGrowth = 4 * 1024 * 1024;
const record = 10_240;

/**
 * Bytes of a tar that holds a part, whatever happens to the part until it is read: it is filled with zeros up to there.
 * For places that want to know the size of a thing before its first byte.
 */
export function promisedTarSize({ bytes, entries, nameBytes }: PartToPromise): number {
  const headers = entries * mostPerEntry + nameBytes * mostPerNameByte;
  const content = bytes + Math.max(leastGrowth, Math.ceil(bytes * growth));
  return Math.ceil((headers + content) / record) * record;
}
