import { SafehouseError } from "#core/model/problem.ts";
import { hasValidChecksum } from "./checksum.ts";
import { paddingAfter, tarBlock } from "./padding.ts";
import type { ReadRange, TarMember } from "./tar-member.ts";
import { TarReader } from "./tar-reader.ts";

/** A member found by searching. */
export interface SalvagedMember extends TarMember {
  /** True if the next header, or the end, stands where the size in the header says. */
  readonly sizeFits: boolean;
  /** Bytes that can be the content: `entry.size` if that fits, else up to the next header or the end. */
  readonly extent: number;
}

/**
 * Finds the members of a damaged outer archive (docs/format.md, section 2.5): looks for valid headers at
 * multiples of 512 and goes on after a member only where its size proves right. So it gets over a header
 * with a wrong size, one that was never completed (size 0) and one that is destroyed.
 *
 * Never rejects because of what the file holds. Where a size is wrong the content is searched as well, so
 * the entries of an uncompressed, unencrypted inner archive then come as members: judge by the name.
 */
export async function* salvageMembers(
  read: ReadRange,
  size: number,
  start = 0,
): AsyncGenerator<SalvagedMember> {
  const file = { read, size, zerosFrom: await startOfFinalZeros(read, size) };
  let last: TarMember | undefined;
  let at = start + paddingAfter(start);
  for (;;) {
    const found = await nextMember(file, at);
    if (last !== undefined) yield withExtent(last, found?.headerOffset ?? size);
    last = undefined;
    if (found === undefined) return;
    const end = found.contentOffset + found.entry.size;
    const next = end + paddingAfter(end);
    if (await isMemberEnd(file, next)) {
      yield { ...found, sizeFits: true, extent: found.entry.size };
      at = next;
    } else {
      last = found;
      at = found.contentOffset;
    }
  }
}

interface SearchedFile {
  readonly read: ReadRange;
  readonly size: number;
  /** From here on there are only zeros. */
  readonly zerosFrom: number;
}

const searchLength = 1024 * 1024;
const headersLength = 4096;
/** Far more than any writer needs; keeps a hostile file from being read over and over. */
const longestHeaders = 64 * 1024;

function withExtent(member: TarMember, nextOffset: number): SalvagedMember {
  return { ...member, sizeFits: false, extent: nextOffset - member.contentOffset };
}

async function nextMember(file: SearchedFile, start: number): Promise<TarMember | undefined> {
  let at = start;
  for (;;) {
    const header = await nextHeader(file, at);
    if (header === undefined) return undefined;
    const member = await memberAt(file, header);
    if (member !== undefined) return member;
    at = header + tarBlock;
  }
}

/** Place of the first valid header at or after `start`. */
async function nextHeader(
  { read, size }: SearchedFile,
  start: number,
): Promise<number | undefined> {
  for (let at = start; at + tarBlock <= size;) {
    const bytes = await read(at, Math.min(searchLength, size - at));
    const blocks = Math.floor(bytes.length / tarBlock);
    for (let block = 0; block < blocks; block += 1) {
      if (isHeader(bytes, block * tarBlock)) return at + block * tarBlock;
    }
    if (blocks === 0) return undefined;
    at += blocks * tarBlock;
  }
  return undefined;
}

function isHeader(bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < magic.length; index += 1) {
    if (bytes[at + magicAt + index] !== magic[index]) return false;
  }
  return hasValidChecksum(bytes.subarray(at, at + tarBlock));
}

const magicAt = 257;
const magic = Uint8Array.of(0x75, 0x73, 0x74, 0x61, 0x72);

/** The member whose headers begin at `start`; undefined if they make no sense. */
async function memberAt(
  { read, size }: SearchedFile,
  start: number,
): Promise<TarMember | undefined> {
  const reader = new TarReader();
  const end = Math.min(size, start + longestHeaders);
  while (!reader.ended && start + reader.offset < end) {
    const at = start + reader.offset;
    const bytes = await read(at, Math.min(headersLength, size - at));
    if (bytes.length === 0) return undefined;
    const event = firstEvent(reader, bytes);
    if (event?.kind === "entry") {
      const { entry, headerOffset, contentOffset } = event;
      return { entry, headerOffset: start + headerOffset, contentOffset: start + contentOffset };
    }
    if (event !== undefined) return undefined;
  }
  return undefined;
}

function firstEvent(reader: TarReader, bytes: Uint8Array): FirstEvent {
  try {
    return reader.push(bytes)[0];
  } catch (error) {
    if (error instanceof SafehouseError) return { kind: "fault" };
    throw error;
  }
}

type FirstEvent = ReturnType<TarReader["push"]>[number] | { readonly kind: "fault" } | undefined;

async function isMemberEnd(file: SearchedFile, at: number): Promise<boolean> {
  if (at >= file.zerosFrom) return at <= file.size;
  const bytes = await file.read(at, tarBlock);
  return bytes.length === tarBlock && isHeader(bytes, 0);
}

/** Where the zeros begin that the file ends with; its size if it ends with none. */
async function startOfFinalZeros(read: ReadRange, size: number): Promise<number> {
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - searchLength);
    const bytes = await read(start, end - start);
    const last = bytes.findLastIndex((byte) => byte !== 0);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}
