import type { Entry } from "#core/model/entry.ts";
import type { ContentHash } from "./content-hash.ts";
import type { IndexedEntry } from "./index-record.ts";

type TakeEntry = (entry: IndexedEntry) => Promise<void> | void;

/** Follows entries and their content, and hands each out with its hash once it is complete. */
export class EntryHasher {
  readonly #take: TakeEntry;
  #entry: Entry | undefined;
  #contentOffset = 0;
  #owed = 0;
  readonly #hash: ContentHash;

  constructor(hash: ContentHash, take: TakeEntry) {
    this.#hash = hash;
    this.#take = take;
  }

  /** Path of the entry whose content is not complete, if there is one. */
  get open(): string | undefined {
    return this.#owed > 0 ? this.#entry?.path : undefined;
  }

  /** Bytes of content that the last entry still needs. */
  get owed(): number {
    return this.#owed;
  }

  entry(entry: Entry, contentOffset: number): Promise<void> | void {
    if (this.#owed > 0)
      throw new RangeError(`${this.open} got ${this.#owed} bytes less than announced`);
    if (entry.type !== "file") return this.#take({ entry, contentOffset, hash: undefined });
    this.#entry = entry;
    this.#contentOffset = contentOffset;
    this.#owed = entry.size;
    if (entry.size === 0) return this.#finish(entry);
  }

  data(bytes: Uint8Array): Promise<void> | void {
    const entry = this.#entry;
    if (entry === undefined || bytes.length > this.#owed) {
      throw new RangeError(`${entry?.path} got more bytes than announced`);
    }
    this.#owed -= bytes.length;
    this.#hash.update(bytes);
    if (this.#owed === 0) return this.#finish(entry);
  }

  #finish(entry: Entry): Promise<void> | void {
    this.#entry = undefined;
    return this.#take({ entry, contentOffset: this.#contentOffset, hash: this.#hash.digest() });
  }
}
