import { SafehouseError } from "#core/model/problem.ts";
import { hasValidChecksum } from "./checksum.ts";
import { damagedAt } from "./damaged-at.ts";
import { largestNameLength, largestPaxHeader } from "./limits.ts";
import { MemberHeaders, type ExtendedHeader } from "./member-headers.ts";
import { paddingAfter, tarBlock } from "./padding.ts";
import { readTarNumber } from "./tar-number.ts";
import type { TarEvent } from "./tar-event.ts";
import { ustar } from "./ustar-fields.ts";

/**
 * Reads an archive that is pushed in pieces of any size (ustar, PAX, GNU, star, V7).
 *
 * • `data` events are views of the pushed bytes; nothing is copied.
 * • What stands before a fault is delivered first: the error comes from the next call of `push` or `end`.
 * • Errors are `damaged` (with the offset) or `truncated`.
 * • A member that cannot be an entry (sparse, unknown type, no name) becomes a `note`; its content is skipped.
 * • As in Python's reader only files have content: links, directories and devices have size 0 and the
 *   next header follows at once.
 * • The first zero block ends the archive. Zeros may follow in any number; anything else is `damaged`,
 *   for a header wiped out in the middle must not pass for the end.
 * • Memory is bounded by the size of a piece plus 1 MiB, whatever the archive says.
 */
export class TarReader {
  readonly #headers = new MemberHeaders();
  /** What comes when content and bytes to pass over are through. */
  #expecting: "header" | ExtendedHeader | "sparse-map" | "nothing" = "header";
  /** Place of the next byte in the archive. */
  #offset = 0;
  /** A block or an extended header: how long it is, and, if it comes in pieces, what is there of it. */
  #needed = tarBlock;
  readonly #block = Buffer.alloc(tarBlock);
  #held = this.#block;
  #heldLength = 0;
  #storedSize = 0;
  /** Content still to come; it is not told if the member was refused. */
  #contentLeft = 0;
  #silent = false;
  /** Bytes to be passed over after the content. */
  #skip = 0;
  /** First block of the member whose headers are being read; -1 between members. */
  #memberStart = -1;
  #failure: SafehouseError | undefined;

  /** Bytes read so far, those of `skipContent` included. */
  get offset(): number {
    return this.#offset;
  }

  /** True once the end of the archive has been read; only zeros may follow. */
  get ended(): boolean {
    return this.#expecting === "nothing";
  }

  push(bytes: Uint8Array): readonly TarEvent[] {
    if (this.#failure !== undefined) throw this.#failure;
    const chunk = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const events: TarEvent[] = [];
    try {
      for (let at = 0; at < chunk.length;) {
        const taken = this.#take(chunk, at, events);
        at += taken;
        this.#offset += taken;
      }
    } catch (error) {
      if (!(error instanceof SafehouseError)) throw error;
      this.#failure = error;
      if (events.length === 0) throw error;
    }
    return events;
  }

  /** Says that no more bytes come. Throws `truncated` if the archive is not complete. */
  end(): readonly TarEvent[] {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#expecting === "nothing") return [];
    const message = `The archive ends too early, at byte ${this.#offset}`;
    this.#failure = new SafehouseError("truncated", message, { facts: { offset: this.#offset } });
    throw this.#failure;
  }

  /**
   * Leaves out what remains of the current member's content, for a caller that can move in its source.
   * @returns how many bytes must not be pushed
   */
  skipContent(): number {
    const skipped = this.#contentLeft + this.#skip;
    this.#offset += skipped;
    this.#contentLeft = 0;
    this.#skip = 0;
    return skipped;
  }

  /** Consumes at least one byte from `at` on and returns how many. */
  #take(chunk: Buffer, at: number, events: TarEvent[]): number {
    const available = chunk.length - at;
    if (this.#contentLeft > 0) return this.#takeContent(chunk, at, events);
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, available);
      this.#skip -= skipped;
      return skipped;
    }
    if (this.#expecting === "nothing") return this.#takeZeros(chunk, at);
    if (this.#heldLength > 0 || available < this.#needed) return this.#hold(chunk, at, events);
    const taken = this.#needed;
    this.#takeWhole(chunk.subarray(at, at + taken), this.#offset, events);
    return taken;
  }

  #takeContent(chunk: Buffer, at: number, events: TarEvent[]): number {
    const length = Math.min(this.#contentLeft, chunk.length - at);
    this.#contentLeft -= length;
    if (!this.#silent) events.push({ kind: "data", bytes: chunk.subarray(at, at + length) });
    return length;
  }

  #takeZeros(chunk: Buffer, at: number): number {
    const length = Math.min(zeros.length, chunk.length - at);
    if (chunk.compare(zeros, 0, length, at, at + length) !== 0) {
      throw damagedAt(this.#offset, "there is more behind the end of the archive");
    }
    return length;
  }

  /** Gathers a block or an extended header that comes in pieces. */
  #hold(chunk: Buffer, at: number, events: TarEvent[]): number {
    if (this.#heldLength === 0) {
      this.#held = this.#needed === tarBlock ? this.#block : Buffer.allocUnsafe(this.#needed);
    }
    const length = Math.min(this.#needed - this.#heldLength, chunk.length - at);
    chunk.copy(this.#held, this.#heldLength, at, at + length);
    this.#heldLength += length;
    if (this.#heldLength === this.#needed) {
      const start = this.#offset + length - this.#needed;
      this.#heldLength = 0;
      this.#takeWhole(this.#held, start, events);
    }
    return length;
  }

  #takeWhole(bytes: Buffer, offset: number, events: TarEvent[]): void {
    switch (this.#expecting) {
      case "header":
        return this.#takeBlock(bytes, offset, events);
      case "sparse-map":
        return this.#takeSparseMap(bytes, sparseMapGoesOn);
      case "nothing":
        return;
      default:
        return this.#takeExtendedHeader(bytes, offset, this.#expecting);
    }
  }

  #takeBlock(block: Buffer, offset: number, events: TarEvent[]): void {
    if (block[0] === 0 && block.equals(zeroBlock)) return this.#takeEnd(offset);
    if (!hasValidChecksum(block)) throw damagedAt(offset, "a header does not match its checksum");
    if (this.#memberStart < 0) this.#memberStart = offset;
    const kind = extendedHeaders.get(block[ustar.type] ?? 0);
    if (kind === undefined) this.#takeMember(block, offset, events);
    else this.#beginExtendedHeader(kind, block, offset);
  }

  #takeEnd(offset: number): void {
    if (this.#headers.waiting) throw damagedAt(offset, "a header is missing");
    this.#expecting = "nothing";
  }

  #takeMember(block: Buffer, offset: number, events: TarEvent[]): void {
    const { entry, note, storedSize } = this.#headers.finish(block, offset);
    const headerOffset = this.#memberStart;
    this.#memberStart = -1;
    if (entry === undefined) events.push({ kind: "note", note });
    else events.push({ kind: "entry", entry, headerOffset, contentOffset: offset + tarBlock });
    this.#silent = entry === undefined;
    this.#storedSize = storedSize;
    if (block[ustar.type] === gnuSparse) this.#takeSparseMap(block, sparseMapFollows);
    else this.#beginContent();
  }

  #beginContent(): void {
    this.#contentLeft = this.#storedSize;
    this.#skip = paddingAfter(this.#storedSize);
  }

  /** GNU tar's old sparse files carry more blocks of their map between header and content. */
  #takeSparseMap(block: Buffer, flagAt: number): void {
    const more = block[flagAt] !== 0;
    this.#expecting = more ? "sparse-map" : "header";
    if (!more) this.#beginContent();
  }

  #beginExtendedHeader(kind: ExtendedHeader, block: Buffer, offset: number): void {
    const size = readTarNumber(block, ustar.size);
    const largest =
      kind === "long-name" || kind === "long-link" ? largestNameLength : largestPaxHeader;
    if (!(size >= 0 && size <= largest))
      throw damagedAt(offset, `an extended header of ${size} bytes`);
    if (size === 0) return;
    this.#expecting = kind;
    this.#needed = size;
  }

  #takeExtendedHeader(bytes: Buffer, offset: number, kind: ExtendedHeader): void {
    this.#headers.extend(kind, bytes, offset);
    if (kind === "global-pax") this.#memberStart = -1;
    this.#skip = paddingAfter(bytes.length);
    this.#expecting = "header";
    this.#needed = tarBlock;
  }
}

const zeroBlock = Buffer.alloc(tarBlock);
const zeros = Buffer.alloc(65536);

const extendedHeaders: ReadonlyMap<number, ExtendedHeader> = new Map([
  [0x78, "pax"],
  [0x67, "global-pax"],
  // Solaris wrote PAX headers before they had a letter.
  [0x58, "pax"],
  [0x4c, "long-name"],
  [0x4b, "long-link"],
]);

const gnuSparse = 0x53;
/** Places of the flags that announce (one more) block of a sparse map. */
const sparseMapFollows = 482;
const sparseMapGoesOn = 504;
