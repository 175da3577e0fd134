import type { IndexSink } from "../ports.ts";
import { directoryFrame, FrameCipher, type FrameKind } from "./frame-cipher.ts";
import { encodeIndexHeader, type IndexHeader } from "./index-header.ts";
import { encodeEntryRecord, type IndexedEntry, type IndexedPart } from "./index-record.ts";

/** Where one frame lies, as the directory at the end of an index lists it. */
export interface FrameRecord {
  readonly kind: "entries" | "part";
  /** Member that the frame is about. */
  readonly member: string;
  readonly offset: number;
  readonly length: number;
}

/** What the directory frame says. */
export interface IndexDirectory {
  /** See `archiveFingerprint`. */
  readonly fingerprint: string;
  /** Key of the files' tags, in base64; see `ContentTag`. */
  readonly contentKey: string;
  /**
   * `writing`: made together with the archive, so it proves what was backed up. `reading`: made of the
   * archive later, so it proves only that nothing has changed since.
   */
  readonly madeBy: "writing" | "reading";
  readonly frames: readonly FrameRecord[];
}

const frameSize = 256 * 1024;

/**
 * Writes an index frame by frame: entries as they come, a part's layout when it ends, a directory of the
 * frames at the end. Memory is one frame, whatever the number of entries.
 */
export class IndexWriter {
  readonly #sink: IndexSink;
  readonly #cipher: FrameCipher;
  readonly #frames: FrameRecord[] = [];
  #offset = 0;
  #lines: string[] = [];
  #length = 0;
  #header: IndexHeader | undefined;

  constructor(sink: IndexSink, header: IndexHeader, key: Uint8Array | undefined) {
    this.#sink = sink;
    this.#header = header;
    this.#cipher = new FrameCipher(key);
  }

  /** Adds an entry of the part at work. The promise is there only when a frame has to be written. */
  add(member: string, entry: IndexedEntry): Promise<void> | undefined {
    const line = encodeEntryRecord(entry);
    this.#lines.push(line);
    this.#length += line.length + 1;
    return this.#length >= frameSize ? this.#flushEntries(member) : undefined;
  }

  async endPart(part: IndexedPart): Promise<void> {
    await this.#flushEntries(part.member);
    await this.#write("part", part.member, JSON.stringify(part));
  }

  /** @param contentKey the key with which the tags of the entries were made */
  async commit(
    fingerprint: string,
    { contentKey, madeBy }: { readonly contentKey: Uint8Array } & Pick<IndexDirectory, "madeBy">,
  ): Promise<void> {
    const directory: IndexDirectory = {
      fingerprint,
      madeBy,
      contentKey: Buffer.from(contentKey).toString("base64"),
      frames: this.#frames,
    };
    const start = await this.#put(directoryFrame, "directory", JSON.stringify(directory));
    const trailer = Buffer.alloc(8);
    trailer.writeBigUInt64BE(BigInt(start));
    await this.#sink.write(trailer);
    await this.#sink.commit();
  }

  abort(): Promise<void> {
    return this.#sink.abort();
  }

  async #flushEntries(member: string): Promise<void> {
    if (this.#lines.length === 0) return;
    const text = `${this.#lines.join("\n")}\n`;
    this.#lines = [];
    this.#length = 0;
    await this.#write("entries", member, text);
  }

  async #write(kind: FrameRecord["kind"], member: string, text: string): Promise<void> {
    const offset = await this.#put(this.#frames.length, kind, text);
    this.#frames.push({ kind, member, offset, length: this.#offset - offset });
  }

  async #put(frame: number, kind: FrameKind, text: string): Promise<number> {
    if (this.#header !== undefined) {
      const header = encodeIndexHeader(this.#header);
      this.#header = undefined;
      await this.#append(header);
    }
    const start = this.#offset;
    await this.#append(this.#cipher.seal(frame, kind, text));
    return start;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#sink.write(bytes);
    this.#offset += bytes.length;
  }
}
