import { SafehouseError } from "#core/model/problem.ts";
import type { TarEvent } from "#format/tar/tar-event.ts";
import type { ContentTag } from "../index/content-tag.ts";
import { EntryTagger } from "../index/entry-tagger.ts";
import type { ArchiveIndex } from "../index/index-reader.ts";
import type { IndexedEntry } from "../index/index-record.ts";
import type { InnerArchive, OpenArchive } from "../read/open-archive.ts";
import { readPart, type ReadAccess } from "../read/read-part.ts";

/** Told of a difference, which is `damaged` and names the entry. Throws it to end the reading. */
export type TellDifference = (difference: SafehouseError) => void;

/**
 * Reads one inner archive and, where there is an index, compares every entry with it: order, path, type,
 * size, place and content. Rejects at the first difference, unless `tell` takes it; all that came before it
 * has been passed through.
 */
export function readChecked(
  archive: OpenArchive,
  inner: InnerArchive,
  access: ReadAccess & { readonly tell?: TellDifference },
): AsyncIterable<readonly TarEvent[]> {
  const { index, tell = throwIt } = access;
  const events = readPart(archive, inner, access);
  if (index?.members().includes(inner.member) !== true) return events;
  return compared(events, new ExpectedEntries(index, inner.member, tell));
}

async function* compared(
  events: AsyncIterable<readonly TarEvent[]>,
  expected: ExpectedEntries,
): AsyncGenerator<readonly TarEvent[]> {
  const tagger = new EntryTagger(expected.tag, (entry) => expected.meet(entry));
  for await (const batch of events) {
    let good = 0;
    try {
      for (const event of batch) {
        const waiting = follow(tagger, event);
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

function follow(tagger: EntryTagger, event: TarEvent): Promise<void> | void {
  if (event.kind === "data") return tagger.data(event.bytes);
  if (event.kind === "entry") return tagger.entry(event.entry, event.contentOffset);
}

function throwIt(difference: SafehouseError): never {
  throw difference;
}

class ExpectedEntries {
  /** For the content that is met. */
  readonly tag: ContentTag;
  readonly #member: string;
  readonly #tell: TellDifference;
  /** After an entry that is not the expected one nothing that follows can be compared. */
  #lost = false;
  readonly #frames: AsyncGenerator<readonly IndexedEntry[]>;
  #frame: readonly IndexedEntry[] = [];
  #at = 0;

  constructor(index: ArchiveIndex, member: string, tell: TellDifference) {
    this.#member = member;
    this.tag = index.contentTag(member);
    this.#tell = tell;
    this.#frames = index.entries(member);
  }

  meet(found: IndexedEntry): Promise<void> | void {
    if (this.#lost) return;
    const expected = this.#frame[this.#at];
    if (expected === undefined)
      return this.#refill().then((more) => this.#compare(found, more ? this.#frame[0] : undefined));
    this.#compare(found, expected);
  }

  async end(): Promise<void> {
    if (this.#lost) return;
    const missing = this.#frame[this.#at] ?? ((await this.#refill()) ? this.#frame[0] : undefined);
    if (missing !== undefined) this.#lose(missing.entry.path, "is missing");
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
    if (expected === undefined) this.#lose(path, "is not in the index");
    else if (!sameHeader(found, expected))
      this.#lose(expected.entry.path, "differs from the index in its header");
    else if (found.tag !== expected.tag)
      this.#tell(this.#damaged(path, "does not match its checksum"));
  }

  #lose(path: string, how: string): void {
    this.#lost = true;
    this.#tell(this.#damaged(path, how));
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
