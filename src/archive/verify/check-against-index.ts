import { SafehouseError } from "#core/model/problem.ts";
import type { TarEvent } from "#format/tar/tar-event.ts";
import { EntryHasher } from "../index/entry-hasher.ts";
import type { ArchiveIndex } from "../index/index-reader.ts";
import type { IndexedEntry } from "../index/index-record.ts";

/**
 * Passes the events of one inner archive through and compares every entry with the index: order, path,
 * type, size, place and SHA-256. Rejects with `damaged`, naming the entry, at the first difference; all
 * that came before it has been passed through.
 */
export async function* checkAgainstIndex(
  events: AsyncIterable<readonly TarEvent[]>,
  index: ArchiveIndex,
  member: string,
): AsyncGenerator<readonly TarEvent[]> {
  const expected = new ExpectedEntries(index, member);
  const hasher = new EntryHasher((entry) => expected.meet(entry));
  for await (const batch of events) {
    let good = 0;
    try {
      for (const event of batch) {
        const waiting = follow(hasher, event);
        if (waiting !== undefined) await waiting;
        good += 1;
      }
    } catch (error) {
      yield batch.slice(0, good);
      throw error;
    }
    yield batch;
  }
  await expected.end();
}

function follow(hasher: EntryHasher, event: TarEvent): Promise<void> | void {
  if (event.kind === "data") return hasher.data(event.bytes);
  if (event.kind === "entry") return hasher.entry(event.entry, event.contentOffset);
}

class ExpectedEntries {
  readonly #member: string;
  readonly #frames: AsyncGenerator<readonly IndexedEntry[]>;
  #frame: readonly IndexedEntry[] = [];
  #at = 0;

  constructor(index: ArchiveIndex, member: string) {
    this.#member = member;
    this.#frames = index.entries(member);
  }

  meet(found: IndexedEntry): Promise<void> | void {
    const expected = this.#frame[this.#at];
    if (expected === undefined) return this.#refill().then((more) => this.#compare(found, more ? this.#frame[0] : undefined));
    this.#compare(found, expected);
  }

  async end(): Promise<void> {
    const missing = this.#frame[this.#at] ?? ((await this.#refill()) ? this.#frame[0] : undefined);
    if (missing !== undefined) throw this.#damaged(missing.entry.path, "is missing");
  }

  async #refill(): Promise<boolean> {
    const next = await this.#frames.next();
    this.#at = 0;
    this.#frame = next.done === true ? [] : next.value;
    return this.#frame.length > 0;
  }

  #compare(found: IndexedEntry, expected: IndexedEntry | undefined): void {
    this.#at += 1;
    const { path } = found.entry;
    if (expected === undefined) throw this.#damaged(path, "is not in the index");
    if (!sameHeader(found, expected)) throw this.#damaged(expected.entry.path, "differs from the index in its header");
    if (found.sha256 !== expected.sha256) throw this.#damaged(path, "does not match its checksum");
  }

  #damaged(path: string, how: string): SafehouseError {
    return new SafehouseError("damaged", `${this.#member}: ${path} ${how}`, { subject: path });
  }
}

function sameHeader(a: IndexedEntry, b: IndexedEntry): boolean {
  return (
    a.entry.path === b.entry.path &&
    a.entry.type === b.entry.type &&
    a.entry.size === b.entry.size &&
    a.entry.mode === b.entry.mode &&
    a.entry.linkTarget === b.entry.linkTarget &&
    (a.entry.type !== "file" || a.contentOffset === b.contentOffset)
  );
}
