import { attribute, timesOf, type SmbFile } from "./file.ts";

export interface FolderEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly attributes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly version: string;
  /** A link, which leads elsewhere. */
  readonly isLink: boolean;
}

/** FileIdBothDirectoryInformation of [MS-FSCC] 2.4.22, which every server knows because Windows asks for it. */
const kind = 0x25;
const nameAt = 104;
/** Symbolic links and mount points of [MS-FSCC] 2.1.2.1. Files that a server keeps in a special way carry other tags. */
const linkTags: ReadonlySet<number> = new Set([0xa000000c, 0xa0000003, 0xa000001d, 0x80000014]);

/** What lies in an open folder, in pages, without `.` and `..`. */
export async function* folderEntries(
  folder: SmbFile,
  signal: AbortSignal,
): AsyncGenerator<readonly FolderEntry[], void, undefined> {
  for (;;) {
    const packed = await folder.entries(kind, signal);
    if (packed === undefined) return;
    yield unpack(packed);
  }
}

function unpack(packed: Buffer): readonly FolderEntry[] {
  const entries: FolderEntry[] = [];
  for (let at = 0; at + nameAt <= packed.length;) {
    const entry = packed.subarray(at);
    const name = entry.toString("utf16le", nameAt, nameAt + entry.readUInt32LE(60));
    if (name !== "." && name !== "..") entries.push(entryOf(name, entry));
    const next = entry.readUInt32LE(0);
    if (next === 0) break;
    at += next;
  }
  return entries;
}

function entryOf(name: string, entry: Buffer): FolderEntry {
  const size = entry.readBigUInt64LE(40);
  const attributes = entry.readUInt32LE(56);
  const isReparsePoint = (attributes & attribute.reparsePoint) !== 0;
  return {
    name,
    size: Number(size),
    attributes,
    ...timesOf(entry.subarray(24, 40), size),
    isLink: isReparsePoint && linkTags.has(entry.readUInt32LE(64)),
  };
}
