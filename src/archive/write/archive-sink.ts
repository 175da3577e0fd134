import { randomBytes } from "node:crypto";
import type { PartEvent } from "#core/model/part-event.ts";
import { innerArchiveName, partName, type Part } from "#core/model/part.ts";
import type { DeflatePool } from "#format/gzip/deflate-pool.ts";
import { encodeBackupJson, type NewBackup } from "#format/backup-json/encode-backup-json.ts";
import { GzipMemberWriter } from "#format/gzip/gzip-member-writer.ts";
import type { EncryptionContext } from "#format/securetar/encryption-context.ts";
import { archiveFingerprint } from "../index/archive-fingerprint.ts";
import { contentKeyLength, ContentTag } from "../index/content-tag.ts";
import type { IndexWriter } from "../index/index-writer.ts";
import type { IndexedEntry, IndexedPart } from "../index/index-record.ts";
import type { ArchiveTarget, Spool } from "../ports.ts";
import type { BackupSink, PartSink, PartSummary } from "./backup-sink.ts";
import { RawMemberWriter } from "./raw-member-writer.ts";
import { TargetWriter, type WrittenMember } from "./target-writer.ts";
import { TarPacker } from "./tar-packer.ts";

/** One place that the archive goes to, with its own key or none and its own index. */
export interface SinkTarget {
  /** For messages: the location's name. */
  readonly name: string;
  readonly target: ArchiveTarget;
  readonly encryption: EncryptionContext | undefined;
  readonly index: IndexWriter | undefined;
  readonly openSpool: () => Promise<Spool>;
}

export type NewBackupDocument = NewBackup;

export interface ArchiveSinkOptions {
  readonly targets: readonly SinkTarget[];
  readonly compressed: boolean;
  readonly pool: DeflatePool;
  /**
   * Bytes of each part's tar, by `partName`, if they were promised beforehand, which only what is not compressed allows:
   * then nothing has to be spooled for places that cannot be patched. What does not fit is left out with a note.
   */
  readonly tarSizes?: ReadonlyMap<string, number> | undefined;
  /** Time of the backup in seconds since 1970; every member of the outer tar carries it. */
  readonly mtime: number;
}

/** What became of one target. */
export interface TargetResult {
  readonly name: string;
  /** Bytes of the archive; undefined if the target failed. */
  readonly size: number | undefined;
  readonly error: unknown;
  /** Why no index was kept although one was wanted; the archive is good all the same. */
  readonly indexError: unknown;
}

interface Lane extends Omit<SinkTarget, "index"> {
  readonly writer: TargetWriter;
  index: IndexWriter | undefined;
  indexError: unknown;
  error: unknown;
  failed: boolean;
}

/**
 * Entries → tar → gzip, once, then per target: encryption → outer tar. A target that fails is left
 * behind and the others go on; when none is left, the error of the last one is thrown.
 */
export class ArchiveSink implements BackupSink {
  readonly #options: ArchiveSinkOptions;
  readonly #lanes: readonly Lane[];
  readonly #contentKey = randomBytes(contentKeyLength);
  #members = 0;

  constructor(options: ArchiveSinkOptions) {
    this.#options = options;
    this.#lanes = options.targets.map((target) => ({
      ...target,
      writer: new TargetWriter(target.target, target.encryption, target.openSpool),
      error: undefined,
      indexError: undefined,
      failed: false,
    }));
  }

  async beginPart(part: Part): Promise<PartSink> {
    const { compressed, mtime } = this.#options;
    const member = `${innerArchiveName(part)}.tar${compressed ? ".gz" : ""}`;
    const promised = this.#options.tarSizes?.get(partName(part));
    await this.#each((lane) => lane.writer.begin(member, mtime, promised));
    return this.#partSink(member, this.#memberWriter(part), promised);
  }

  /**
   * Writes the metadata and makes every target's archive appear, its index after it. The document is
   * made for each target, because what is secret in it is encrypted with the target's key.
   */
  async finish(
    documentFor: (target: Pick<SinkTarget, "name" | "encryption">) => Promise<NewBackupDocument>,
  ): Promise<readonly TargetResult[]> {
    const sizes = new Map<string, number>();
    await this.#each(async (lane) => {
      const document = encodeBackupJson(await documentFor(lane));
      await lane.writer.writeMetadata(document, this.#options.mtime);
      const size = await lane.writer.finish();
      await lane.target.commit();
      sizes.set(lane.name, size);
      await this.#guardIndex(lane, (index) =>
        index.commit(archiveFingerprint(lane.writer.members, document), {
          contentKey: this.#contentKey,
          madeBy: "writing",
        }),
      );
    });
    return this.#lanes.map(({ name, error, indexError }) => ({
      name,
      size: sizes.get(name),
      error,
      indexError,
    }));
  }

  /** Leaves nothing behind at any target, as far as it can be reached. */
  async abort(): Promise<void> {
    for (const lane of this.#lanes) await abandon(lane);
  }

  #memberWriter(part: Part): GzipMemberWriter | RawMemberWriter {
    const emit = (bytes: Uint8Array): Promise<void> =>
      this.#each((lane) => lane.writer.append(bytes));
    if (!this.#options.compressed) return new RawMemberWriter(emit);
    return new GzipMemberWriter(this.#options.pool, {
      emit,
      fileName: `${innerArchiveName(part)}.tar`,
    });
  }

  #partSink(
    member: string,
    stream: GzipMemberWriter | RawMemberWriter,
    promised: number | undefined,
  ): PartSink {
    const packer = new TarPacker((bytes) => stream.write(bytes), {
      tag: new ContentTag(this.#contentKey, this.#members++),
      take: (entry) => this.#index(member, entry),
      promised,
    });
    return {
      write: (events: readonly PartEvent[]) => packer.write(events),
      end: async (): Promise<PartSummary> => {
        await packer.end();
        const { crc32 } = await stream.end();
        const layout = { member, crc32, chunks: stream.chunkStarts, packer };
        let storedBytes = 0;
        await this.#each(async (lane) => {
          const written = await lane.writer.end();
          storedBytes = written.size;
          await this.#guardIndex(lane, (index) =>
            index.endPart(this.#indexedPart(layout, lane, written)),
          );
        });
        return { files: packer.files, bytes: packer.bytes, storedBytes, notes: packer.notes };
      },
    };
  }

  #indexedPart(
    layout: { member: string; crc32: number; chunks: readonly number[]; packer: TarPacker },
    lane: Lane,
    written: WrittenMember,
  ): IndexedPart {
    const { member, crc32, chunks, packer } = layout;
    const encryption =
      lane.encryption === undefined ? "none" : lane.encryption.version === 2 ? "v2" : "v3";
    const compression = this.#options.compressed ? "gzip" : "none";
    const { tarSize, files, bytes, notes } = packer;
    return {
      member,
      ...written,
      encryption,
      compression,
      tarSize,
      crc32,
      chunks,
      files,
      bytes,
      notes,
    };
  }

  #index(member: string, entry: IndexedEntry): Promise<void> | undefined {
    let waiting: Promise<void> | undefined;
    for (const lane of this.#lanes) {
      if (lane.failed) continue;
      const added = this.#addTo(lane, member, entry);
      if (added !== undefined)
        waiting = waiting === undefined ? added : Promise.all([waiting, added]).then(() => {});
    }
    return waiting;
  }

  #addTo(lane: Lane, member: string, entry: IndexedEntry): Promise<void> | undefined {
    const added = lane.index?.add(member, entry);
    return added === undefined ? undefined : this.#guardIndex(lane, () => added);
  }

  /** A backup without index is a good backup, so an index that cannot be kept is given up alone. */
  async #guardIndex(lane: Lane, act: (index: IndexWriter) => Promise<void>): Promise<void> {
    if (lane.index === undefined) return;
    const { index } = lane;
    try {
      await act(index);
    } catch (error) {
      lane.index = undefined;
      lane.indexError = error;
      await Promise.allSettled([index.abort()]);
    }
  }

  async #each(act: (lane: Lane) => Promise<unknown>): Promise<void> {
    const live = this.#lanes.filter((lane) => !lane.failed);
    await Promise.all(live.map((lane) => this.#guard(lane, act)));
    if (this.#lanes.every((lane) => lane.failed)) throw this.#lanes.at(-1)?.error;
  }

  async #guard(lane: Lane, act: (lane: Lane) => Promise<unknown>): Promise<void> {
    try {
      await act(lane);
    } catch (error) {
      lane.failed = true;
      lane.error = error;
      await abandon(lane);
    }
  }
}

/** What cannot be removed at one target must not keep the others from going on, nor hide the first error. */
async function abandon({ writer, index }: Lane): Promise<void> {
  await Promise.allSettled([writer.abort(), index?.abort()]);
}
