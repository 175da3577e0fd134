import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";
import type { EntryNote } from "#core/model/part-event.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import type { TarEvent } from "#format/tar/tar-event.ts";
import { TarReader } from "#format/tar/tar-reader.ts";
import { openPlainStream, openTarStream, type PlainStream } from "../read/inner-stream.ts";
import { fingerprintOf, type InnerArchive, type OpenArchive } from "../read/open-archive.ts";
import { nameMember } from "../read/read-part.ts";
import { contentKeyLength, ContentTag } from "./content-tag.ts";
import { EntryTagger } from "./entry-tagger.ts";
import type { IndexedPart } from "./index-record.ts";
import type { IndexWriter } from "./index-writer.ts";
import { splitChunks } from "./split-chunks.ts";

export interface BuildOptions {
  readonly keys: PasswordKeys | undefined;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Makes the index of an archive by reading all of it once. Archives that we wrote can be entered in the
 * middle afterwards, others only from the beginning of an inner archive. Rejects with the first damage
 * that is met: an index is made of sound archives only. Aborts `index` in that case.
 */
export async function buildIndex(
  archive: OpenArchive,
  index: IndexWriter,
  options: BuildOptions,
): Promise<void> {
  const contentKey = randomBytes(contentKeyLength);
  try {
    for (const [number, inner] of archive.inner.entries()) {
      const tag = new ContentTag(contentKey, number);
      await indexPart(archive, inner, { index, tag, ...options });
    }
    await index.commit(await fingerprintOf(archive), { contentKey, madeBy: "reading" });
  } catch (error) {
    await index.abort();
    throw error;
  }
}

type PartOptions = BuildOptions & { readonly index: IndexWriter; readonly tag: ContentTag };

async function indexPart(
  archive: OpenArchive,
  inner: InnerArchive,
  options: PartOptions,
): Promise<void> {
  const open = (): Promise<PlainStream> => openPlainStream(archive.source, inner, options.keys);
  try {
    const chunks = madeByUs(archive) ? await chunkStarts(await open()) : [];
    await options.index.endPart(await readEntries(await open(), inner, { ...options, chunks }));
  } catch (error) {
    throw nameMember(error, inner);
  }
}

function madeByUs(archive: OpenArchive): boolean {
  return archive.metadata.extra["safehouse"] !== undefined;
}

/** Empty when the stream turns out not to be laid out in chunks. */
async function chunkStarts(plain: PlainStream): Promise<number[]> {
  const starts: number[] = [];
  try {
    for await (const chunk of splitChunks(plain.bytes)) starts.push(chunk.start);
    return starts;
  } catch (error) {
    if (error instanceof SafehouseError && error.problem === "unsupported") return [];
    throw error;
  }
}

async function readEntries(
  plain: PlainStream,
  inner: InnerArchive,
  { index, tag, report, signal, chunks }: PartOptions & { readonly chunks: readonly number[] },
): Promise<IndexedPart> {
  const tally = {
    plainSize: 0,
    tarSize: 0,
    crc32: 0,
    files: 0,
    bytes: 0,
    notes: [] as EntryNote[],
  };
  const bytes = counted(plain.bytes, tally);
  const tar = await openTarStream({ ...plain, bytes });
  const reader = new TarReader();
  const tagger = new EntryTagger(tag, (entry) => index.add(inner.member, entry));
  const take = (events: readonly TarEvent[]): Promise<void> => takeEvents(events, tagger, tally);
  for await (const piece of tar.bytes) {
    signal.throwIfAborted();
    tally.tarSize += piece.length;
    tally.crc32 = crc32(piece, tally.crc32);
    await take(reader.push(piece));
    report({ step: "index", part: inner.name, bytes: tally.bytes });
  }
  await take(reader.end());
  const { member, offset, size } = inner;
  const nonces = Buffer.from(plain.nonces()).toString("base64");
  const { compression } = tar;
  return {
    member,
    offset,
    size,
    encryption: plain.encryption,
    compression,
    ...tally,
    chunks,
    nonces,
  };
}

async function* counted(
  stream: AsyncIterable<Uint8Array>,
  tally: { plainSize: number },
): AsyncGenerator<Uint8Array> {
  for await (const bytes of stream) {
    tally.plainSize += bytes.length;
    yield bytes;
  }
}

async function takeEvents(
  events: readonly TarEvent[],
  tagger: EntryTagger,
  tally: { files: number; bytes: number; notes: EntryNote[] },
): Promise<void> {
  for (const event of events) {
    if (event.kind === "note") keepNote(tally.notes, event.note);
    else if (event.kind === "data") {
      tally.bytes += event.bytes.length;
      await tagger.data(event.bytes);
    } else {
      if (event.entry.type === "file") tally.files += 1;
      await tagger.entry(event.entry, event.contentOffset);
    }
  }
}

/** A hostile archive can earn a million notes with paths of 64 kB; the first are enough. */
function keepNote(notes: EntryNote[], note: EntryNote): void {
  if (notes.length < mostNotes) notes.push({ ...note, path: note.path.slice(0, longestNotedPath) });
}

const mostNotes = 1000;
const longestNotedPath = 4096;
