import { damagedAt } from "./damaged-at.ts";
import { largestNameLength, largestTarSize } from "./limits.ts";
import { decodeName } from "./read-name.ts";

/** What PAX headers say about a member; undefined where they say nothing. */
export class PaxValues {
  path: string | undefined = undefined;
  linkpath: string | undefined = undefined;
  uname: string | undefined = undefined;
  gname: string | undefined = undefined;
  uid: number | undefined = undefined;
  gid: number | undefined = undefined;
  size: number | undefined = undefined;
  /** Seconds since 1970, with fraction. */
  mtime: number | undefined = undefined;
  /** True if the content is a GNU sparse file, which is not the file's bytes. */
  sparse = false;
  /** The real name of a GNU sparse file. */
  sparseName: string | undefined = undefined;
}

/**
 * Reads PAX records, `<length> <keyword>=<value>\n` (IEEE 1003.1, pax), and enters what we know into
 * `values`; an empty value takes an earlier one back. Values are read by length, so a line feed may be
 * part of one. `hdrcharset` changes nothing: names are kept as bytes in any case.
 * @param offset place of the first record in the archive, for messages
 */
export function parsePaxRecords(bytes: Buffer, offset: number, values: PaxValues): void {
  let at = 0;
  // Some writers fill the last block with NULs and count them in.
  while (at < bytes.length && bytes[at] !== 0) {
    const record = new RecordReader(bytes, at, offset);
    enter(values, record);
    at = record.end;
  }
}

function enter(values: PaxValues, record: RecordReader): void {
  switch (record.keyword) {
    case "path":
    case "linkpath":
    case "uname":
    case "gname":
      values[record.keyword] = record.name();
      break;
    case "mtime":
      values.mtime = record.number(decimal);
      break;
    case "uid":
    case "gid":
      values[record.keyword] = record.number(integer);
      break;
    case "size":
      values.size = record.size();
      break;
    default:
      if (record.keyword.startsWith("GNU.sparse.")) enterSparse(values, record);
  }
}

function enterSparse(values: PaxValues, record: RecordReader): void {
  values.sparse = true;
  if (record.keyword === "GNU.sparse.name") values.sparseName = record.name();
}

// Python writes very small times with an exponent.
const decimal = /^-?\d+(?:\.\d*)?(?:e-?\d{1,3})?$/;
const integer = /^-?\d+$/;

/** One record. */
class RecordReader {
  readonly keyword: string;
  /** Where the next record begins. */
  readonly end: number;
  readonly #bytes: Buffer;
  readonly #valueAt: number;
  readonly #offset: number;

  constructor(bytes: Buffer, at: number, offset: number) {
    this.#bytes = bytes;
    this.#offset = offset + at;
    const [length, space] = readLength(bytes, at);
    this.end = at + length;
    const equals = bytes.indexOf(0x3d, space);
    const whole = this.end <= bytes.length && bytes[this.end - 1] === 0x0a;
    if (!whole || equals <= space + 1 || equals >= this.end) throw this.#broken("a PAX record");
    this.keyword = bytes.toString("latin1", space + 1, equals);
    this.#valueAt = equals + 1;
  }

  name(): string | undefined {
    const end = this.end - 1;
    if (end === this.#valueAt) return undefined;
    const hasNul = this.#bytes.subarray(this.#valueAt, end).includes(0);
    if (hasNul || end - this.#valueAt > largestNameLength) {
      throw this.#broken(`the PAX record "${this.keyword}"`);
    }
    return decodeName(this.#bytes, this.#valueAt, end);
  }

  number(form: RegExp): number | undefined {
    const end = Math.min(this.end - 1, this.#valueAt + longestNumber);
    const text = this.#bytes.toString("latin1", this.#valueAt, end);
    if (text === "") return undefined;
    const value = form.test(text) ? Number(text) : NaN;
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    throw this.#broken(`the PAX record "${this.keyword}"`);
  }

  size(): number | undefined {
    const value = this.number(integer);
    if (value === undefined || (value >= 0 && value <= largestTarSize)) return value;
    throw this.#broken('the PAX record "size"');
  }

  #broken(what: string): Error {
    return damagedAt(this.#offset, `${what} makes no sense`);
  }
}

/** More digits than any number has that we accept. */
const longestNumber = 400;

/** The length at the start of a record and the place of the blank behind it; NaN for none. */
function readLength(bytes: Buffer, start: number): [length: number, space: number] {
  let length = 0;
  let at = start;
  for (; bytes[at] !== 0x20; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9 || at - start > 8) return [NaN, at];
    length = length * 10 + digit;
  }
  return [length, at];
}
