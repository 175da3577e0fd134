import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import { canEnter, IndexedFileReader } from "#archive/read/read-file.ts";
import { readPart } from "#archive/read/read-part.ts";
import type { InnerArchive } from "#archive/read/open-archive.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveTools } from "./archive-tools.ts";
import { closeOwn, ensureIndex } from "./list-archive.ts";
import { findInner, type ArchiveFile } from "./open-archive-file.ts";

export interface CatOptions {
  readonly part: string;
  /** Path inside the part; `data/` in front of it may be left out. */
  readonly path: string;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * The content of one file. Where the archive can be entered in the middle only the piece that holds the
 * file is read; else its inner archive up to the file. Rejects with `not-found`, or with `damaged` after
 * bytes that may be wrong have already been given.
 */
export async function* catFile(file: ArchiveFile, tools: ArchiveTools, options: CatOptions): AsyncGenerator<Uint8Array> {
  const inner = findInner(file.archive, options.part);
  const index = await ensureIndex(file, tools, options);
  const [found, part] = await lookUp(index, inner, options.path).finally(() => closeOwn(index, file));
  if (part !== undefined && canEnter(part)) {
    const reader = await IndexedFileReader.open(file.archive, part, file.keys);
    yield* reader.read(found);
    return;
  }
  yield* scanFor(file, inner, found.entry.path);
}

type Found = NonNullable<Awaited<ReturnType<ArchiveIndex["find"]>>>;

async function lookUp(
  index: ArchiveIndex,
  inner: InnerArchive,
  path: string,
): Promise<[Found, Awaited<ReturnType<ArchiveIndex["part"]>>]> {
  return [await findEntry(index, inner, path), await index.part(inner.member)];
}

/** The spellings under which a person may mean a file: as it stands, below `data/`, with `./`. */
async function findEntry(index: ArchiveIndex, inner: InnerArchive, path: string): Promise<Found> {
  const plain = path.replace(/^(?:\.?\/)+/, "");
  for (const candidate of [path, plain, `data/${plain}`, `./${plain}`]) {
    const found = await index.find(inner.member, candidate);
    if (found === undefined) continue;
    if (found.entry.type === "file") return found;
    throw new SafehouseError("unsupported", `${candidate} is a ${found.entry.type}, not a file`);
  }
  throw new SafehouseError("not-found", `There is no file ${path} in ${inner.name}`, {
    advice: "List what is there with: safehouse archive list FILE PART",
  });
}

async function* scanFor(file: ArchiveFile, inner: InnerArchive, path: string): AsyncGenerator<Uint8Array> {
  let inside = false;
  for await (const events of readPart(file.archive, inner, { keys: file.keys, index: undefined })) {
    for (const event of events) {
      if (event.kind === "entry" && inside) return;
      if (event.kind === "entry") inside = event.entry.path === path && event.entry.type === "file";
      if (event.kind === "data" && inside) yield event.bytes;
    }
  }
}
