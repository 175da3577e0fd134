import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import type { IndexedEntry } from "#archive/index/index-record.ts";
import { canEnter, IndexedFileReader } from "#archive/read/read-file.ts";
import { readPart } from "#archive/read/read-part.ts";
import type { InnerArchive } from "#archive/read/open-archive.ts";
import type { Entry } from "#core/model/entry.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ArchiveTools } from "./archive-tools.ts";
import { ensureIndex, type IndexOptions } from "./ensure-index.ts";
import { findInner, type ArchiveFile } from "./open-archive-file.ts";

export interface CatOptions extends IndexOptions {
  readonly part: string;
  /** Path inside the part; `data/` in front of it may be left out. */
  readonly path: string;
}

/**
 * The content of one file. Where the archive can be entered in the middle only the piece that holds the
 * file is read; else its inner archive up to the file. Rejects with `not-found`, or with `damaged` after
 * bytes that may be wrong have already been given. Bytes are lent until the next ones are asked for.
 */
export async function* catFile(
  file: ArchiveFile,
  tools: ArchiveTools,
  options: CatOptions,
): AsyncGenerator<Uint8Array> {
  findInner(file.archive, options.part);
  await using usable = await ensureIndex(file, tools, options);
  const { content } = await findFileInside(file, usable.index, options);
  yield* content;
}

/** A file of a backup that was found and not read yet. */
export interface FileInside {
  readonly entry: Entry;
  /** As of `catFile`. */
  readonly content: AsyncGenerator<Uint8Array>;
}

/** Looks for a file by the index of its archive. Rejects with `not-found`, and `unsupported` for what is no file. */
export async function findFileInside(
  file: ArchiveFile,
  index: ArchiveIndex,
  { part, path }: Pick<CatOptions, "part" | "path">,
): Promise<FileInside> {
  const inner = findInner(file.archive, part);
  const found = await findEntry(index, inner, path);
  return { entry: found.entry, content: contentOf(file, inner, { found, index }) };
}

async function* contentOf(
  file: ArchiveFile,
  inner: InnerArchive,
  { found, index }: { readonly found: IndexedEntry; readonly index: ArchiveIndex },
): AsyncGenerator<Uint8Array> {
  const part = await index.part(inner.member);
  if (part !== undefined && canEnter(part)) {
    const reader = await IndexedFileReader.open(file.archive, part, { index, keys: file.keys });
    yield* reader.read(found);
  } else {
    yield* scanFor(file, inner, { wanted: found, tag: index.contentTag(inner.member) });
  }
}

/** The spellings under which a person may mean a file: as it stands, below `data/`, with `./`. */
async function findEntry(
  index: ArchiveIndex,
  inner: InnerArchive,
  path: string,
): Promise<IndexedEntry> {
  const plain = path.replace(/^(?:\.?\/)+/, "");
  for (const candidate of [path, plain, `data/${plain}`, `./${plain}`, `./data/${plain}`]) {
    const found = await index.find(inner.member, candidate);
    if (found !== undefined) return fileBehind(found, index, inner);
  }
  throw notFound(inner, path);
}

/** A hard link is another name of the file that stands before it. */
async function fileBehind(
  { entry, ...rest }: IndexedEntry,
  index: ArchiveIndex,
  inner: InnerArchive,
): Promise<IndexedEntry> {
  if (entry.type === "file") return { entry, ...rest };
  const target =
    entry.type === "hardlink" ? await index.find(inner.member, entry.linkTarget ?? "") : undefined;
  if (target?.entry.type === "file") return target;
  if (entry.type === "hardlink") throw notFound(inner, entry.linkTarget ?? "");
  throw new SafehouseError("unsupported", `${entry.path} is a ${entry.type}, not a file`);
}

function notFound({ name }: InnerArchive, path: string): SafehouseError {
  return new SafehouseError("not-found", `There is no file ${path} in ${name}`, {
    advice: "List what is there with: safehouse archive list FILE PART",
  });
}

/** Its place tells the file, because a path can stand in an archive several times. */
async function* scanFor(
  file: ArchiveFile,
  inner: InnerArchive,
  {
    wanted,
    tag,
  }: { readonly wanted: IndexedEntry; readonly tag: ReturnType<ArchiveIndex["contentTag"]> },
): AsyncGenerator<Uint8Array> {
  tag.begin(wanted.contentOffset);
  let owed = -1;
  for await (const events of readPart(file.archive, inner, { keys: file.keys, index: undefined })) {
    for (const event of events) {
      if (event.kind === "entry" && event.contentOffset === wanted.contentOffset)
        owed = wanted.entry.size;
      if (event.kind !== "data" || owed <= 0) continue;
      owed -= event.bytes.length;
      tag.update(event.bytes);
      yield event.bytes;
    }
    if (owed === 0) break;
  }
  if (owed === 0 && tag.end() === wanted.tag) return;
  throw new SafehouseError(
    "damaged",
    `${inner.member}: ${wanted.entry.path} does not match its checksum`,
  );
}
