import { buildIndex } from "#archive/index/build-index.ts";
import { findIndex } from "#archive/index/find-index.ts";
import { createIndex } from "#archive/index/index-key.ts";
import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import type { IndexStore } from "#archive/ports.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveTools } from "./archive-tools.ts";
import { memoryIndexStore } from "./memory-index-store.ts";
import type { ArchiveFile } from "./open-archive-file.ts";

export interface IndexOptions {
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
  /** Told that an index could not be kept, as a sentence. */
  readonly warn?: (warning: string) => void;
}

/** An index to read from; closing it leaves one open that belongs to the archive file. */
export interface UsableIndex extends AsyncDisposable {
  readonly index: ArchiveIndex;
}

/**
 * The index of an archive, made now if there is none and kept in the data directory. Where that cannot be
 * written it is kept in memory, and only for now.
 */
export async function ensureIndex(
  file: ArchiveFile,
  tools: ArchiveTools,
  options: IndexOptions,
): Promise<UsableIndex> {
  if (file.index !== undefined) return { index: file.index, [Symbol.asyncDispose]: async () => {} };
  const index = await makeKeptIndex(file, tools, options);
  return { index, [Symbol.asyncDispose]: () => index.close() };
}

async function makeKeptIndex(
  file: ArchiveFile,
  tools: ArchiveTools,
  options: IndexOptions,
): Promise<ArchiveIndex> {
  try {
    return await makeIndex(file, tools.ownIndexStore(), options);
  } catch (error) {
    if (!isFailureOfPlace(error)) throw error;
    options.warn?.(
      `The index of this archive cannot be kept, so it will be made anew next time: ${error.message}`,
    );
    return makeIndex(file, memoryIndexStore(), options);
  }
}

/** Failures of places and of the system, but nothing that is about the archive, nor being cancelled. */
function isFailureOfPlace(error: unknown): error is Error {
  if (!(error instanceof Error) || error.name === "AbortError") return false;
  if (error instanceof SafehouseError) return error.problem === "unsupported";
  return "problem" in error || "code" in error;
}

async function makeIndex(
  file: ArchiveFile,
  store: IndexStore,
  { report, signal }: IndexOptions,
): Promise<ArchiveIndex> {
  const { archive, keys, encrypted } = file;
  const { slug } = archive.metadata;
  const sink = await store.create(slug);
  const writer = await createIndex(sink, {
    slug,
    keys: encrypted ? keys : undefined,
    rootSalt: undefined,
  });
  await buildIndex(archive, writer, { keys, report, signal });
  const { index } = await findIndex(archive, [store], keys);
  if (index === undefined) throw new Error("The index that was just made cannot be found");
  return index;
}
