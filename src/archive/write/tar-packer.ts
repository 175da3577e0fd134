import type { Entry } from "#core/model/entry.ts";
import type { EntryNote, PartEvent } from "#core/model/part-event.ts";
import { encodeEntry } from "#format/tar/encode-entry.ts";
import { endOfArchive, paddingAfter } from "#format/tar/padding.ts";
import type { ContentTag } from "../index/content-tag.ts";
import { EntryTagger } from "../index/entry-tagger.ts";
import type { IndexedEntry } from "../index/index-record.ts";

/** Takes bytes; a promise only when the caller has to wait before giving more. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void> | void;
type TakeEntry = (entry: IndexedEntry) => Promise<void> | void;

const zeros = new Uint8Array(64 * 1024);

export interface TarPackerOptions {
  readonly tag: ContentTag;
  readonly take: TakeEntry;
  /** Bytes that the tar is to have; undefined for as many as it takes. */
  readonly promised?: number | undefined;
}

/** Events of one part → the bytes of its tar, with the tag of every file on the way. */
export class TarPacker {
  readonly notes: EntryNote[] = [];
  files = 0;
  bytes = 0;
  tarSize = 0;
  readonly #out: WriteBytes;
  readonly #tagger: EntryTagger;
  readonly #promised: number | undefined;
  /** The content that comes belongs to an entry that did not fit. */
  #drops = false;

  constructor(out: WriteBytes, { tag, take, promised }: TarPackerOptions) {
    this.#out = out;
    this.#tagger = new EntryTagger(tag, take);
    this.#promised = promised;
  }

  async write(events: readonly PartEvent[]): Promise<void> {
    for (const event of events) {
      if (event.kind === "note") this.notes.push(event.note);
      else if (event.kind === "entry") await this.#begin(event.entry);
      else if (!this.#drops) await this.#data(event.bytes);
    }
  }

  /** Fills up what is owed and writes the end of the tar. */
  async end(): Promise<void> {
    while (this.#tagger.owed > 0)
      await this.#data(zeros.subarray(0, Math.min(this.#tagger.owed, zeros.length)));
    await this.#put(endOfArchive(this.tarSize));
    while (this.tarSize < (this.#promised ?? 0))
      await this.#put(
        zeros.subarray(0, Math.min((this.#promised ?? 0) - this.tarSize, zeros.length)),
      );
  }

  async #begin(entry: Entry): Promise<void> {
    const header = encodeEntry(entry);
    this.#drops = !this.#fits(header.length, entry);
    if (this.#drops) {
      this.notes.push(tooLate(entry));
      return;
    }
    await this.#put(header);
    if (entry.type === "file") this.files += 1;
    await this.#tagger.entry(entry, this.tarSize);
  }

  async #data(bytes: Uint8Array): Promise<void> {
    await this.#tagger.data(bytes);
    this.bytes += bytes.length;
    await this.#put(bytes);
    const padding = this.#tagger.owed === 0 ? paddingAfter(this.tarSize) : 0;
    if (padding > 0) await this.#put(zeros.subarray(0, padding));
  }

  #fits(header: number, { type, size }: Entry): boolean {
    if (this.#promised === undefined) return true;
    const content = type === "file" ? size + paddingAfter(size) : 0;
    const position = this.tarSize + header + content;
    return position + endOfArchive(position).length <= this.#promised;
  }

  #put(bytes: Uint8Array): Promise<void> | void {
    this.tarSize += bytes.length;
    return this.#out(bytes);
  }
}

function tooLate({ path }: Entry): EntryNote {
  const message =
    "It came or grew after the sizes of everything had been promised to the place, and was left out";
  return { path, problem: "grew", message };
}
