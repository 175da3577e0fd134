import { SafehouseError } from "#core/model/problem.ts";

/** Longest text before the content: what stands before the first delimiter, and the headers of the part. */
const longestHead = 64 * 1024;

/**
 * The content of the first part of a multipart body, while the body comes in. The part needs no header and no
 * name: Home Assistant sends none. What follows the part is passed over.
 *
 * Line ends are those of the first delimiter's line, so that a content that ends in a line end keeps it.
 */
export class FirstPart {
  readonly #opening: Buffer;
  #state: "preamble" | "headers" | "content" | "over" = "preamble";
  /** What came and has not been dealt with. */
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes at the beginning of the rest that are no content. */
  #skip = 0;
  #lineEnd: "\r\n" | "\n" = "\r\n";
  #delimiter: Buffer = Buffer.alloc(0);

  /** @param boundary as the content type of the body names it */
  constructor(boundary: string) {
    this.#opening = Buffer.from(`--${boundary}`, "latin1");
  }

  /** True once the delimiter behind the content has come. */
  get isOver(): boolean {
    return this.#state === "over";
  }

  /** Content that is certain now; it may share memory with `chunk`. Throws `usage` if it is no multipart body. */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    if (this.#state === "over") return [];
    const arrived = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#rest = this.#rest.length === 0 ? arrived : Buffer.concat([this.#rest, arrived]);
    if (this.#state === "preamble") this.#skipPreamble();
    if (this.#state === "headers") this.#skipHeaders();
    return this.#state === "content" ? this.#takeContent() : [];
  }

  /** Throws `truncated` unless the delimiter behind the content has come. */
  end(): void {
    if (this.#state === "over") return;
    throw new SafehouseError("truncated", "The upload ended before its file did", {
      advice: "Upload it again",
    });
  }

  #skipPreamble(): void {
    for (let from = 0; ;) {
      const found = this.#rest.indexOf(this.#opening, from);
      if (found === -1) break;
      const lineEnd = this.#rest.indexOf("\n", found);
      if (lineEnd === -1) return this.#limitHead();
      if (this.#isOpeningLine(found, lineEnd)) {
        this.#lineEnd = this.#rest[lineEnd - 1] === carriageReturn ? "\r\n" : "\n";
        this.#delimiter = Buffer.concat([Buffer.from(this.#lineEnd), this.#opening]);
        this.#rest = this.#rest.subarray(lineEnd + 1);
        this.#state = "headers";
        return;
      }
      from = found + 1;
    }
    this.#limitHead();
  }

  /** The delimiter stands alone on its line, but for blanks behind it. */
  #isOpeningLine(found: number, lineEnd: number): boolean {
    const beginsLine = found === 0 || this.#rest[found - 1] === lineFeed;
    const behind = this.#rest.toString("latin1", found + this.#opening.length, lineEnd);
    return beginsLine && /^[ \t]*\r?$/.test(behind);
  }

  #skipHeaders(): void {
    for (;;) {
      const end = this.#rest.indexOf(this.#lineEnd);
      if (end === -1) return this.#limitHead();
      this.#rest = this.#rest.subarray(end + this.#lineEnd.length);
      if (end > 0) continue;
      // The line end of the empty line also begins the delimiter of a part without content.
      this.#rest = Buffer.concat([Buffer.from(this.#lineEnd), this.#rest]);
      this.#state = "content";
      this.#skip = this.#lineEnd.length;
      return;
    }
  }

  #takeContent(): readonly Uint8Array[] {
    for (let from = 0; ;) {
      const found = this.#rest.indexOf(this.#delimiter, from);
      if (found === -1) return this.#takeUpTo(this.#beginOfDelimiter());
      const behind = found + this.#delimiter.length;
      if (behind + 2 > this.#rest.length) return this.#takeUpTo(found);
      if (this.#endsPart(behind)) {
        const content = this.#takeUpTo(found);
        this.#state = "over";
        this.#rest = Buffer.alloc(0);
        return content;
      }
      from = found + 1;
    }
  }

  /** Where a delimiter may begin that has not come whole; the end of the rest, as a rule. */
  #beginOfDelimiter(): number {
    const earliest = Math.max(0, this.#rest.length - this.#delimiter.length - 1);
    const [firstByte = 0] = this.#delimiter;
    const found = this.#rest.indexOf(firstByte, Math.max(earliest, this.#skip));
    return found === -1 ? this.#rest.length : found;
  }

  /** A longer text that begins like the delimiter is content. */
  #endsPart(behind: number): boolean {
    const [first, second] = this.#rest.subarray(behind, behind + 2);
    if (first === dash) return second === dash;
    if (first === carriageReturn) return second === lineFeed;
    return first === lineFeed || first === space || first === tab;
  }

  /** @param end position in the rest behind the last byte that is certain to be content or to be skipped */
  #takeUpTo(end: number): readonly Uint8Array[] {
    if (end <= this.#skip) return [];
    const content = this.#rest.subarray(this.#skip, end);
    this.#rest = this.#rest.subarray(end);
    this.#skip = 0;
    return [content];
  }

  #limitHead(): void {
    if (this.#rest.length <= longestHead) return;
    throw new SafehouseError("usage", "The upload is no multipart body of the announced boundary");
  }
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const dash = 0x2d;
const space = 0x20;
const tab = 0x09;
