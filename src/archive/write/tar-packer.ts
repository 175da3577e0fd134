import type { Entry } from "#core/model/entry.ts";
import type { EntryNote, PartEvent } from "#core/model/part-event.ts";
import { encodeEntry } from "#format/tar/encode-entry.ts";
import { endOfArchive, paddingAfter } from "#format/tar/padding.ts";
import type { HashThread, Piece } from "../index/hash-thread.ts";
import type { IndexedEntry } from "../index/index-record.ts";

/** Takes bytes; a promise only when the caller has to wait before giving more. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void> | void;
type TakeEntry = (entry: IndexedEntry) => Promise<void> | void;

const zeros = new Uint8Array(64 * 1024);
const noContent = new Uint8Array(0);

/** Where an entry came to lie, before its hash is known. */
type PackedEntry = Omit<IndexedEntry, "hash">;

/** Events of one part → the bytes of its tar; hashing goes on beside it. */
export class TarPacker {
  readonly notes: EntryNote[] = [];
  files = 0;
  bytes = 0;
  tarSize = 0;
  readonly #out: WriteBytes;
  readonly #hashes: HashThread;
  readonly #take: TakeEntry;
  /** Entries that are complete since the last hashes came. */
  readonly #packed: PackedEntry[] = [];
  #file: PackedEntry | undefined;
  #owed = 0;

  constructor(out: WriteBytes, hashes: HashThread, take: TakeEntry) {
    this.#out = out;
    this.#hashes = hashes;
    this.#take = take;
  }

  async write(events: readonly PartEvent[]): Promise<void> {
    const hashing = this.#hashes.hash(this.#piecesOf(events));
    // A failure is met below; until then it must not count as unhandled.
    hashing.catch(() => undefined);
    for (const event of events) {
      if (event.kind === "note") this.notes.push(event.note);
      else await (event.kind === "data" ? this.#data(event.bytes) : this.#begin(event.entry));
    }
    await this.#index(await hashing);
  }

  /** Fills up what is owed and writes the end of the tar. */
  async end(): Promise<void> {
    while (this.#owed > 0) {
      const bytes = zeros.subarray(0, Math.min(this.#owed, zeros.length));
      await this.write([{ kind: "data", bytes }]);
    }
    await this.#put(endOfArchive(this.tarSize));
  }

  /** The content in these events, cut into files; goes through them as `write` will. */
  #piecesOf(events: readonly PartEvent[]): Piece[] {
    const pieces: Piece[] = [];
    let owed = this.#owed;
    for (const event of events) {
      if (event.kind === "entry" && event.entry.type === "file") {
        owed = event.entry.size;
        if (owed === 0) pieces.push({ bytes: noContent, last: true });
      } else if (event.kind === "data") {
        owed -= event.bytes.length;
        pieces.push({ bytes: event.bytes, last: owed === 0 });
      }
    }
    return pieces;
  }

  async #begin(entry: Entry): Promise<void> {
    if (this.#owed > 0)
      throw new RangeError(`${this.#file?.entry.path} got ${this.#owed} bytes less than announced`);
    await this.#put(encodeEntry(entry));
    this.#file = { entry, contentOffset: this.tarSize };
    if (entry.type === "file") this.files += 1;
    this.#owed = entry.type === "file" ? entry.size : 0;
    if (this.#owed === 0) this.#packed.push(this.#file);
  }

  async #data(bytes: Uint8Array): Promise<void> {
    if (this.#file === undefined || bytes.length > this.#owed)
      throw new RangeError(`${this.#file?.entry.path} got more bytes than announced`);
    this.#owed -= bytes.length;
    this.bytes += bytes.length;
    await this.#put(bytes);
    if (this.#owed > 0) return;
    this.#packed.push(this.#file);
    const padding = paddingAfter(this.tarSize);
    if (padding > 0) await this.#put(zeros.subarray(0, padding));
  }

  async #index(hashes: readonly string[]): Promise<void> {
    let used = 0;
    for (const { entry, contentOffset } of this.#packed.splice(0)) {
      const hash = entry.type === "file" ? hashes[used++] : undefined;
      await this.#take({ entry, contentOffset, hash });
    }
  }

  #put(bytes: Uint8Array): Promise<void> | void {
    this.tarSize += bytes.length;
    return this.#out(bytes);
  }
}
