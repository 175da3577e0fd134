import { createHash, hash as hashOnce, type Hash } from "node:crypto";
import type { Entry } from "#core/model/entry.ts";
import type { IndexedEntry } from "./index-record.ts";

type TakeEntry = (entry: IndexedEntry) => Promise<void> | void;

/** Follows entries and their content, and hands each out with its SHA-256 once it is complete. */
export class EntryHasher {
  readonly #take: TakeEntry;
  #entry: Entry | undefined;
  #contentOffset = 0;
  #owed = 0;
  #hash: Hash | undefined;

  constructor(take: TakeEntry) {
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
    if (this.#owed > 0) throw new RangeError(`${this.open} got ${this.#owed} bytes less than announced`);
    if (entry.type !== "file") return this.#take({ entry, contentOffset, sha256: undefined });
    this.#entry = entry;
    this.#contentOffset = contentOffset;
    this.#owed = entry.size;
    if (entry.size === 0) return this.#finish(entry, hashOnce("sha256", "", "base64"));
  }

  data(bytes: Uint8Array): Promise<void> | void {
    const entry = this.#entry;
    if (entry === undefined || bytes.length > this.#owed) {
      throw new RangeError(`${entry?.path} got more bytes than announced`);
    }
    this.#owed -= bytes.length;
    // Most files come in one piece, and one call is much cheaper than a hash object.
    if (this.#hash === undefined && this.#owed === 0) return this.#finish(entry, hashOnce("sha256", bytes, "base64"));
    this.#hash ??= createHash("sha256");
    this.#hash.update(bytes);
    if (this.#owed === 0) return this.#finish(entry, this.#hash.digest("base64"));
  }

  #finish(entry: Entry, sha256: string): Promise<void> | void {
    this.#hash = undefined;
    this.#entry = undefined;
    return this.#take({ entry, contentOffset: this.#contentOffset, sha256 });
  }
}
