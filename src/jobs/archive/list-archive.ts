import type { IndexedEntry } from "#archive/index/index-record.ts";
import { knownEncryptionOf } from "#archive/read/check-password.ts";
import type { OpenArchive } from "#archive/read/open-archive.ts";
import { partName } from "#core/model/part.ts";
import type { ArchiveTools } from "./archive-tools.ts";
import { ensureIndex, type IndexOptions } from "./ensure-index.ts";
import { findInner, type ArchiveFile } from "./open-archive-file.ts";

/** One row of `archive list`. */
export interface ListedPart {
  readonly part: string;
  readonly member: string;
  /** Bytes in the archive. */
  readonly size: number;
  /** As its first bytes say; `unknown` where they are damaged or of a later format. */
  readonly encryption: "none" | "v1" | "v2" | "v3" | "unknown";
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
    const encryption = (await knownEncryptionOf(archive, inner)) ?? "unknown";
    const { member, size, listed } = inner;
    return { part: partName(inner.part), member, size, encryption, listed } as const;
  });
  const { slug, name, date, type } = metadata;
  return {
    slug,
    name,
    date,
    type,
    size: source.size,
    protected: metadata.protected,
    homeassistantVersion: metadata.homeassistant?.version,
    parts: await Promise.all(parts),
    missing: archive.missing.map(partName),
    strangers: archive.strangers,
  };
}

export interface ListFilesOptions extends IndexOptions {
  /** Only this part; all parts without it. */
  readonly part: string | undefined;
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
  const wanted =
    options.part === undefined ? file.archive.inner : [findInner(file.archive, options.part)];
  await using usable = await ensureIndex(file, tools, options);
  for (const inner of wanted) {
    for await (const entries of usable.index.entries(inner.member))
      yield { part: partName(inner.part), entries };
  }
}
