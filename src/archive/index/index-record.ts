import type { Entry, EntryType } from "#core/model/entry.ts";
import type { EntryNote } from "#core/model/part-event.ts";

/** One entry as the index keeps it. */
export interface IndexedEntry {
  readonly entry: Entry;
  /** Offset of the content in the tar stream of its inner archive. */
  readonly contentOffset: number;
  /** SHA-256 of the content in base64; files only. */
  readonly sha256: string | undefined;
}

/** How one inner archive is laid out, so that it can be entered in the middle. */
export interface IndexedPart {
  /** Name of the inner archive as it stands in the outer tar. */
  readonly member: string;
  /** Where the member's content begins in the archive, and its length there. */
  readonly offset: number;
  readonly size: number;
  readonly encryption: "none" | "v1" | "v2" | "v3";
  readonly compression: "gzip" | "none";
  /** Bytes after decryption, and bytes of the tar stream. */
  readonly plainSize: number;
  readonly tarSize: number;
  /** CRC-32 of the tar stream as gzip has it. */
  readonly crc32: number | undefined;
  /**
   * Chunk n of 1 MiB of the tar stream begins at byte `chunks[n]` of the gzip stream and can be inflated
   * alone. Empty for archives whose chunks depend on each other.
   */
  readonly chunks: readonly number[];
  /** v3: nonce before each message, 8 bytes each, base64. */
  readonly nonces: string;
  readonly files: number;
  /** Sum of the sizes of its files. */
  readonly bytes: number;
  readonly notes: readonly EntryNote[];
}

interface EntryRecord {
  p: string;
  t: string;
  m: number;
  u: number;
  g: number;
  d: number;
  s?: number;
  l?: string;
  o?: number;
  h?: string;
}

const letters: Record<EntryType, string> = {
  file: "f",
  directory: "d",
  symlink: "l",
  hardlink: "h",
  fifo: "p",
  "character-device": "c",
  "block-device": "b",
};
const types = new Map(Object.entries(letters).map(([type, letter]) => [letter, type as EntryType]));

/** One line of an index (docs/format.md, section 7). */
export function encodeEntryRecord({ entry, contentOffset, sha256 }: IndexedEntry): string {
  const record: EntryRecord = {
    p: entry.path,
    t: letters[entry.type],
    m: entry.mode,
    u: entry.uid,
    g: entry.gid,
    d: entry.mtime,
  };
  if (entry.type === "file") record.s = entry.size;
  if (entry.linkTarget !== undefined) record.l = entry.linkTarget;
  if (entry.type === "file") record.o = contentOffset;
  if (sha256 !== undefined) record.h = sha256;
  return JSON.stringify(record);
}

/** The inverse of `encodeEntryRecord`; undefined for a line that is none. */
export function decodeEntryRecord(line: string): IndexedEntry | undefined {
  const record = JSON.parse(line) as Partial<EntryRecord>;
  const type = types.get(record.t ?? "");
  if (type === undefined || typeof record.p !== "string") return undefined;
  return {
    entry: {
      path: record.p,
      type,
      mode: record.m ?? 0,
      uid: record.u ?? 0,
      gid: record.g ?? 0,
      mtime: record.d ?? 0,
      size: record.s ?? 0,
      ...(record.l === undefined ? {} : { linkTarget: record.l }),
    },
    contentOffset: record.o ?? 0,
    sha256: record.h,
  };
}

/** The path as it stands in a line, to look for it in bytes before anything is parsed. */
export function pathInRecord(path: string): string {
  return `{"p":${JSON.stringify(path)},`;
}
