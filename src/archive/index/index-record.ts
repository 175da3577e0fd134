import type { Entry, EntryType } from "#core/model/entry.ts";
import type { EntryNote } from "#core/model/part-event.ts";

/** One entry as the index keeps it. */
export interface IndexedEntry {
  readonly entry: Entry;
  /** Offset of the content in the tar stream of its inner archive. */
  readonly contentOffset: number;
  /** Tag of the content, see `ContentTag`; files only. */
  readonly tag: string | undefined;
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
  readonly crc32: number;
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

/** One line of an index (docs/format.md, section 12.3). */
export function encodeEntryRecord({ entry, contentOffset, tag }: IndexedEntry): string {
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
  if (tag !== undefined) record.h = tag;
  return JSON.stringify(record);
}

/** The inverse of `encodeEntryRecord`; undefined for a line that is none. */
export function decodeEntryRecord(line: string): IndexedEntry | undefined {
  const record = parseObject(line);
  if (record === undefined || !isEntryRecord(record)) return undefined;
  const {
    p: path,
    t: letter,
    m: mode,
    u: uid,
    g: gid,
    d: mtime,
    s: size = 0,
    l: linkTarget,
  } = record;
  const type = types.get(letter) ?? "file";
  const entry = { path, type, mode, uid, gid, mtime, size };
  return {
    entry: linkTarget === undefined ? entry : { ...entry, linkTarget },
    contentOffset: record.o ?? 0,
    tag: record.h,
  };
}

function isEntryRecord(record: object): record is EntryRecord {
  const { p, t, m, u, g, d, s = 0, l, o = 0, h } = record as Partial<EntryRecord>;
  const type = types.get(String(t));
  if (typeof p !== "string" || type === undefined || !isSize(s) || !isSize(o)) return false;
  if (![m, u, g, d].every((value) => typeof value === "number")) return false;
  const isLink = type === "symlink" || type === "hardlink";
  // Without its tag the content of a file could not be checked.
  return (
    typeof h === (type === "file" ? "string" : "undefined") &&
    typeof l === (isLink ? "string" : "undefined")
  );
}

/**
 * Reads the layout of a part, which whoever gave us the archive may have written; undefined if nothing
 * can be laid out like that. That it is true of the archive is another question.
 */
export function decodePart(text: string): IndexedPart | undefined {
  const part = parseObject(text);
  if (part === undefined) return undefined;
  const { encryption, compression, chunks, plainSize, nonces, member } = part;
  const sizes = [
    part["offset"],
    part["size"],
    plainSize,
    part["tarSize"],
    part["files"],
    part["bytes"],
  ];
  const known =
    [member, nonces].every((text) => typeof text === "string") &&
    sizes.every(isSize) &&
    ["none", "v1", "v2", "v3"].some((name) => name === encryption) &&
    ["none", "gzip"].some((name) => name === compression) &&
    Array.isArray(part["notes"]);
  return known && isSize(plainSize) && areChunks(chunks, plainSize)
    ? (part as unknown as IndexedPart)
    : undefined;
}

/** Offsets that rise by no more than a chunk can take, up to the end of the stream: readers hold one at a time. */
function areChunks(chunks: unknown, plainSize: number): chunks is number[] {
  if (!Array.isArray(chunks)) return false;
  if (chunks.length === 0) return true;
  let before = 0;
  for (const start of chunks.concat(plainSize - chunkTrailer) as readonly unknown[]) {
    if (!isSize(start) || start <= before || start - before > longestChunk) return false;
    before = start;
  }
  return true;
}

/** Bytes behind the last chunk: an empty block, CRC-32 and length. */
const chunkTrailer = 10;
/** 1 MiB that does not compress, or a header in front of the first. */
const longestChunk = 1024 * 1024 + 4096;

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && typeof value === "number" && value >= 0;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The path as it stands in a line, to look for it in bytes before anything is parsed. */
export function pathInRecord(path: string): string {
  return `{"p":${JSON.stringify(path)},`;
}
