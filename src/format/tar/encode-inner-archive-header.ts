import { isAscii, nameAsBytes, paxRecord, paxTime, writePaxHeader } from "./encode-pax.ts";
import { tarBlock } from "./padding.ts";
import { largestUstarSize, ustarTime, writeUstarBlock } from "./ustar-block.ts";

/** Length of the header area of every inner archive, whatever its size. */
export const innerArchiveHeaderLength = 3 * tarBlock;

export interface OuterMember {
  /** `homeassistant.tar.gz`; without `./`, or official readers do not find it. */
  readonly name: string;
  /** Bytes of the inner archive as stored, with encryption. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
}

/**
 * Header of an inner archive in the outer one (docs/format.md, section 2.4): always 1536 bytes, so that
 * one with size 0 can be written first and replaced when the size is known. From 8 GiB on the size
 * stands only in the PAX header.
 */
export function encodeInnerArchiveHeader(member: OuterMember): Uint8Array {
  checkMember(member);
  const records = recordsOf(member);
  if (records.length > tarBlock)
    throw new RangeError(`Name of ${member.name.length} characters is too long`);
  const target = new Uint8Array(innerArchiveHeaderLength);
  const at = writePaxHeader(target, 0, records);
  const size = member.size > largestUstarSize ? 0 : member.size;
  writeUstarBlock(target, at, { ...plainFile, ...member, size, mtime: ustarTime(member.mtime) });
  return target;
}

/**
 * Header of `./backup.json` (docs/format.md, section 2.4): 512 bytes, no PAX header.
 * @param size bytes of the document
 * @param mtime seconds since 1970; the fraction is dropped
 */
export function encodeBackupJsonHeader(size: number, mtime: number): Uint8Array {
  const member = { name: "./backup.json", size, mtime: Math.floor(mtime) };
  checkMember(member);
  if (size > largestUstarSize) throw new RangeError(`backup.json of ${size} bytes`);
  const target = new Uint8Array(tarBlock);
  writeUstarBlock(target, 0, { ...plainFile, ...member });
  return target;
}

const plainFile = { type: 0x30, mode: 0o644, uid: 0, gid: 0, linkTarget: "", uname: "", gname: "" };

function recordsOf({ name, size, mtime }: OuterMember): string {
  return (
    (name.length > 100 || !isAscii(name) ? paxRecord("path", nameAsBytes(name)) : "") +
    (size > largestUstarSize ? paxRecord("size", String(size)) : "") +
    paxRecord("mtime", Number.isInteger(mtime) ? `${mtime}.0` : paxTime(mtime))
  );
}

function checkMember({ name, size, mtime }: OuterMember): void {
  if (name === "" || name.includes("\0")) throw new RangeError("A member needs a name without NUL");
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`No size: ${size}`);
  if (!(mtime >= 0 && mtime <= largestUstarSize)) throw new RangeError(`No time: ${mtime}`);
}
