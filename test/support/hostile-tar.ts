import { constants, crc32, deflateRawSync, gzipSync } from "node:zlib";

/** One member as a stranger would write it: every field may lie. */
export interface HostileEntry {
  readonly name: string | Buffer;
  /** Type flag; `0`, a file, if it is absent. */
  readonly type?: string;
  readonly content?: string | Uint8Array;
  readonly link?: string | Buffer;
  /** What the header claims; the content's length if it is absent. A buffer is written as it is. */
  readonly size?: number | Buffer;
  readonly mode?: number;
  readonly uid?: number | Buffer;
  /** Records of a PAX header in front. */
  readonly pax?: Readonly<Record<string, string | Buffer>>;
  /** Bytes in place of the checksum. */
  readonly checksum?: string;
}

const block = 512;

/** An archive with its end; `end: false` leaves that out. */
export function tarOf(
  entries: readonly (HostileEntry | Buffer)[],
  { end = true }: { end?: boolean } = {},
): Buffer {
  const pieces = entries.map((entry) => (Buffer.isBuffer(entry) ? entry : tarMember(entry)));
  return Buffer.concat([...pieces, Buffer.alloc(end ? 2 * block : 0)]);
}

/** Headers and content of one member. */
export function tarMember(entry: HostileEntry): Buffer {
  const content = Buffer.from(entry.content ?? "");
  const header = tarHeader(entry, content.length);
  const pax = entry.pax === undefined ? [] : [paxMember(entry.pax)];
  return Buffer.concat([...pax, header, padded(content)]);
}

/** A PAX header, type `x` or, for all that follow, `g`. */
export function paxMember(records: Readonly<Record<string, string | Buffer>>, type = "x"): Buffer {
  const content = Buffer.concat(
    Object.entries(records).map(([key, value]) => paxRecord(key, value)),
  );
  return tarMember({ name: "././@PaxHeader", type, content });
}

/** GNU's header for a name (`L`) or a link (`K`) that is too long for its field. */
export function longName(name: string, type: "L" | "K" = "L"): Buffer {
  return tarMember({ name: "././@LongLink", type, content: `${name}\0` });
}

/** A gzip member; its parts may lie, too. */
export function gzipOf(bytes: Uint8Array): Buffer {
  return gzipSync(bytes, { level: 1 });
}

export interface RepeatedContent {
  readonly head: Uint8Array;
  readonly mebibyte: Buffer;
  readonly count: number;
  readonly tail: Uint8Array;
}

/** A gzip stream of so many MiB of the same bytes, made without inflating more than one of them. */
export function repeatedGzip({ head, mebibyte, count, tail }: RepeatedContent): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  const chunk = deflatePiece(mebibyte);
  let checksum = crc32(head);
  for (let done = 0; done < count; done += 1) checksum = crc32(mebibyte, checksum);
  checksum = crc32(tail, checksum);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE((head.length + mebibyte.length * count + tail.length) % 2 ** 32, 4);
  const middle = Array.from({ length: count }, () => chunk);
  const end = Buffer.from([3, 0]);
  return Buffer.concat([header, deflatePiece(head), ...middle, deflatePiece(tail), end, trailer]);
}

/** Base-256, as GNU tar writes what octal digits cannot hold. */
export function base256(value: bigint, length = 12): Buffer {
  const bytes = Buffer.alloc(length);
  let rest = value;
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[0] = (bytes[0] ?? 0) | 0x80;
  return bytes;
}

function tarHeader(entry: HostileEntry, length: number): Buffer {
  const header = Buffer.alloc(block);
  const name = Buffer.from(entry.name);
  name.copy(header, 0, 0, 100);
  header.write(octal(entry.mode ?? 0o644, 8), 100, "latin1");
  putNumber(header.subarray(108, 116), entry.uid ?? 0);
  header.write(octal(0, 8), 116, "latin1");
  putNumber(header.subarray(124, 136), entry.size ?? length);
  header.write(octal(1_700_000_000, 12), 136, "latin1");
  header.write(entry.type ?? "0", 156, "latin1");
  Buffer.from(entry.link ?? "").copy(header, 157, 0, 100);
  header.write("ustar\u000000", 257, "latin1");
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(entry.checksum ?? `${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

function putNumber(field: Buffer, value: number | Buffer): void {
  if (Buffer.isBuffer(value)) value.copy(field);
  else field.write(octal(value, field.length), "latin1");
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, "0")}\0`;
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((block - (content.length % block)) % block)]);
}

function paxRecord(key: string, value: string | Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = body.length + 1;
  while (String(length).length + body.length !== length)
    length = String(length).length + body.length;
  return Buffer.concat([Buffer.from(String(length)), body]);
}

/** Raw deflate that ends at a byte border and is not the end. */
function deflatePiece(bytes: Uint8Array): Buffer {
  return bytes.length === 0
    ? Buffer.alloc(0)
    : deflateRawSync(bytes, { level: 9, finishFlush: constants.Z_FULL_FLUSH });
}
