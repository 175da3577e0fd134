import type { Entry } from "#core/model/entry.ts";
import type { ContentTag } from "./content-tag.ts";
import type { IndexedEntry } from "./index-record.ts";

type TakeEntry = (entry: IndexedEntry) => Promise<void> | void;

/** Follows entries and their content, and hands each out with its tag once it is complete. */
export class EntryTagger {
  readonly #tag: ContentTag;
  readonly #take: TakeEntry;
  #entry: Entry | undefined;
  #contentOffset = 0;
  #owed = 0;

  constructor(tag: ContentTag, take: TakeEntry) {
    this.#tag = tag;
    this.#take = take;
  }

  /** Bytes of content that the last entry still needs. */
  get owed(): number {
    return this.#owed;
  }

  entry(entry: Entry, contentOffset: number): Promise<void> | void {
    if (this.#owed > 0)
      throw new RangeError(`${this.#entry?.path} got ${this.#owed} bytes less than announced`);
    if (entry.type !== "file") return this.#take({ entry, contentOffset, tag: undefined });
    this.#entry = entry;
    this.#contentOffset = contentOffset;
    this.#owed = entry.size;
    this.#tag.begin(contentOffset);
    if (entry.size === 0) return this.#finish(entry);
  }

  data(bytes: Uint8Array): Promise<void> | void {
    const entry = this.#entry;
    if (entry === undefined || bytes.length > this.#owed) {
      throw new RangeError(`${entry?.path} got more bytes than announced`);
    }
    this.#owed -= bytes.length;
    this.#tag.update(bytes);
    if (this.#owed === 0) return this.#finish(entry);
  }

  #finish(entry: Entry): Promise<void> | void {
    this.#entry = undefined;
    return this.#take({ entry, contentOffset: this.#contentOffset, tag: this.#tag.end() });
  }
}
