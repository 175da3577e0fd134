import { buildIndex } from "#archive/index/build-index.ts";
import { createIndex } from "#archive/index/index-key.ts";
import { findIndex } from "#archive/index/find-index.ts";
import type { IndexedEntry } from "#archive/index/index-record.ts";
import { encryptionOf } from "#archive/read/encryption-of.ts";
import type { OpenArchive } from "#archive/read/open-archive.ts";
import { partName } from "#core/model/part.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveTools } from "./archive-tools.ts";
import { findInner, type ArchiveFile } from "./open-archive-file.ts";

/** One row of `archive list`. */
export interface ListedPart {
  readonly part: string;
  readonly member: string;
  /** Bytes in the archive. */
  readonly size: number;
  readonly encryption: "none" | "v1" | "v2" | "v3";
  /** False if `backup.json` does not name it. */
  readonly listed: boolean;
}

/** What the headers of an archive tell; needs no password. */
export interface ArchiveListing {
  readonly slug: string;
  readonly name: string;
  readonly date: string;
  readonly type: "full" | "partial";
  readonly size: number;
  readonly protected: boolean;
  readonly homeassistantVersion: string | undefined;
  readonly parts: readonly ListedPart[];
  /** Parts that `backup.json` names and that are not there. */
  readonly missing: readonly string[];
  /** Members that are left alone because they belong to no part. */
  readonly strangers: readonly string[];
}

export async function listArchive(archive: OpenArchive): Promise<ArchiveListing> {
  const { metadata, source } = archive;
  const parts = archive.inner.map(async (inner) => {
    const { kind } = await encryptionOf(archive, inner);
    return { part: partName(inner.part), member: inner.member, size: inner.size, encryption: kind, listed: inner.listed };
  });
  const { slug, name, date, type } = metadata;
  return {
    ...{ slug, name, date, type, size: source.size, protected: metadata.protected },
    homeassistantVersion: metadata.homeassistant?.version,
    parts: await Promise.all(parts),
    missing: archive.missing.map(partName),
    strangers: archive.strangers,
  };
}

export interface ListFilesOptions {
  /** Only this part; all parts without it. */
  readonly part: string | undefined;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Lists the files of an archive from its index. Without an index the archive is read once and an index
 * is kept in the data directory, so that the next look is fast.
 */
export async function* listFiles(
  file: ArchiveFile,
  tools: ArchiveTools,
  options: ListFilesOptions,
): AsyncGenerator<{ readonly part: string; readonly entries: readonly IndexedEntry[] }> {
  const wanted = options.part === undefined ? file.archive.inner : [findInner(file.archive, options.part)];
  const index = await ensureIndex(file, tools, options);
  try {
    for (const inner of wanted) {
      for await (const entries of index.entries(inner.member)) yield { part: partName(inner.part), entries };
    }
  } finally {
    await closeOwn(index, file);
  }
}

/** The index of an archive, made now if there is none; to be closed by `closeOwn`. */
export async function ensureIndex(
  file: ArchiveFile,
  tools: ArchiveTools,
  options: { readonly report: ReportProgress; readonly signal: AbortSignal },
): Promise<NonNullable<ArchiveFile["index"]>> {
  if (file.index !== undefined) return file.index;
  const { archive, keys } = file;
  const store = tools.ownIndexStore();
  const protectedKeys = file.encrypted ? keys : undefined;
  const sink = await store.create(archive.metadata.slug);
  const writer = await createIndex(sink, { slug: archive.metadata.slug, keys: protectedKeys, rootSalt: undefined });
  await buildIndex(archive, writer, { keys, ...options });
  const { index } = await findIndex(archive, [store], keys);
  if (index === undefined) throw new Error("The index that was just made cannot be found");
  return index;
}

/** Closes an index that was made for one look; that of the file goes with the file. */
export async function closeOwn(index: NonNullable<ArchiveFile["index"]>, file: ArchiveFile): Promise<void> {
  if (index !== file.index) await index.close();
}
