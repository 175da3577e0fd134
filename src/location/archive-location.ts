import type { IndexStore } from "#archive/ports.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import { StorageError } from "#storage/errors.ts";
import type {
  Content,
  Incoming,
  ObjectWriter,
  StoredObject,
  WriteOptions,
  Settlement,
} from "#storage/provider.ts";
import { AgentDescriptions } from "./agent-descriptions.ts";
import {
  archiveKey,
  asideKey,
  isArchiveKey,
  isSlug,
  ownFolder,
  slugOfNotes,
  slugOfSidecar,
} from "./backup-files.ts";
import { backupNamed } from "./backup-named.ts";
import type { BackupAtLocation, LocationListing } from "./backup-at-location.ts";
import { describingWriter } from "./describing-writer.ts";
import { doubtPlace } from "./doubt-place.ts";
import { inspectObjects } from "./inspect-objects.ts";
import type { InspectionTools } from "./inspect-objects.ts";
import { listingOf } from "./listing.ts";
import { Sidecars } from "./sidecars.ts";
import { uploadArchive } from "./upload-archive.ts";

/**
 * Backups at a place, as archives: every `*.tar` directly in it, whoever wrote it and whatever it is
 * called. Truth lies in the files; the catalogue only spares reading their headers again.
 *
 * Failures of the place are `StorageError`s. A backup is named by its slug, or by the name of its file
 * where the slug cannot be read or is not the only one.
 */
export class ArchiveLocation {
  readonly #tools: InspectionTools;
  readonly #sidecars: Sidecars;
  readonly #descriptions: AgentDescriptions;

  constructor(tools: InspectionTools) {
    this.#tools = tools;
    this.#sidecars = new Sidecars(tools.storage);
    this.#descriptions = new AgentDescriptions(tools);
  }

  /** Id of the location. */
  get id(): string {
    return this.#tools.place.location;
  }

  /** True if archives here are to be encrypted, false if not; undefined if whoever brings one decides. */
  get isProtected(): boolean | undefined {
    return this.#tools.isProtected;
  }

  /**
   * Everything that is here now. Archives that came or changed since the last time are read, eight at
   * once. Damaged ones are listed and marked; a failure to reach the place is never an empty list.
   */
  async list(signal: AbortSignal): Promise<LocationListing> {
    const objects: StoredObject[] = [];
    for await (const page of this.#tools.storage.list("", signal)) {
      objects.push(...page.filter(({ key }) => isArchiveKey(key)));
    }
    for await (const page of this.#tools.storage.list(ownFolder, signal)) {
      objects.push(...page.filter(({ key }) => slugOfNotes(key) !== undefined));
    }
    return listingOf(this.id, await inspectObjects(this.#tools, objects, signal));
  }

  /**
   * The backup with that slug or file name. Rejects with `not-found`, and with `usage` if several
   * archives have the slug.
   */
  async find(reference: string, signal: AbortSignal): Promise<BackupAtLocation> {
    const { backups } = await this.list(signal);
    return backupNamed(reference, backups, this.id);
  }

  /** Opens the archive of a backup; names as `find` takes them. */
  async open(reference: string, signal: AbortSignal): Promise<ByteSource> {
    return this.openFound(await this.find(reference, signal), signal);
  }

  /** Opens the archive of a backup that was just found. The signal counts until `close`. */
  async openFound(
    { object }: Pick<BackupAtLocation, "object">,
    signal: AbortSignal,
  ): Promise<ByteSource> {
    return this.#tools.storage.open(object.key, signal);
  }

  /**
   * Removes a backup, and its notes and index with the last archive of its slug. Names as `find` takes
   * them.
   */
  async remove(reference: string, signal: AbortSignal): Promise<void> {
    await this.removeFound(await this.find(reference, signal), signal);
  }

  /** The same for a backup that the last list has found here. */
  async removeFound(backup: BackupAtLocation, signal: AbortSignal): Promise<void> {
    const { object, facts, sameSlug } = backup;
    const wasDescribed = await this.#descriptions.remove(backup, signal);
    try {
      await this.#tools.storage.remove(object.key, signal);
    } catch (error) {
      if (wasDescribed) await this.#descriptions.describe(object, signal);
      throw error;
    }
    await this.#tools.catalogue.update(this.#tools.place, { save: [], forget: [object.key] });
    if (facts === undefined || !isSlug(facts.slug) || sameSlug.length > 0) return;
    await this.#sidecars.remove(facts.slug, signal);
  }

  /**
   * Begins a new archive. It is listed once it is committed. Rejects with `usage` for a name that Home
   * Assistant would not list, `already-exists` and `full`.
   */
  async createWriter(
    fileName: string,
    options: WriteOptions,
    signal: AbortSignal,
  ): Promise<ObjectWriter> {
    const { storage } = this.#tools;
    const key = archiveKey(fileName, storage.features.longestName);
    const writer = await storage.openWrite(key, options, signal);
    if (!this.#descriptions.areWanted) return writer;
    return describingWriter(writer, (object) => this.#descriptions.describe(object, signal));
  }

  /**
   * Puts a whole archive here whose bytes are the same each time it is opened. It is listed once it is whole. What was
   * cut goes on at the next attempt where the place can; what was cancelled leaves nothing. Rejects as `createWriter`.
   */
  async put(
    fileName: string,
    content: Pick<Content, "open"> & { readonly size: number },
    signal: AbortSignal,
  ): Promise<StoredObject> {
    const key = archiveKey(fileName, this.#tools.storage.features.longestName);
    const stored = await uploadArchive(this.#tools, { ...content, key }, signal);
    await this.#descriptions.describe(stored, signal);
    return stored;
  }

  /** As `StorageProvider.matches`; undefined where the place cannot tell. */
  async matches(
    fileName: string,
    open: Content["open"],
    signal: AbortSignal,
  ): Promise<boolean | undefined> {
    return this.#tools.storage.matches?.(fileName, open, signal);
  }

  /** True if archives go on from here by themselves, so that to be here is not all. */
  get settles(): boolean {
    return this.#tools.storage.settlement !== undefined;
  }

  /** As `StorageProvider.settlement`; settled at once where to be here is all. */
  async settlement(
    { object }: Pick<BackupAtLocation, "object">,
    signal: AbortSignal,
  ): Promise<Settlement> {
    const { storage } = this.#tools;
    return (await storage.settlement?.(object.key, signal)) ?? { settled: true };
  }

  /**
   * Rejects as `createWriter` does for a name that no new archive can have here, before anything of it is there.
   */
  async checkNewName(fileName: string, signal: AbortSignal): Promise<void> {
    const { storage } = this.#tools;
    const key = archiveKey(fileName, storage.features.longestName);
    try {
      await storage.stat(key, signal);
    } catch (error) {
      if (error instanceof StorageError && error.problem === "not-found") return;
      throw error;
    }
    throw new StorageError("already-exists", `There is a ${key} already`, { key });
  }

  /** Where files grow that become archives here without being copied, if there is such a folder. */
  get incoming(): Incoming | undefined {
    return this.#tools.storage.incoming;
  }

  /** Makes an archive of a file in the folder of `incoming`. Rejects as `createWriter` does. */
  async adopt(file: string, fileName: string, signal: AbortSignal): Promise<StoredObject> {
    const { incoming, features } = this.#tools.storage;
    const key = archiveKey(fileName, features.longestName);
    if (incoming !== undefined) return incoming.adopt(file, key, signal);
    throw new SafehouseError("unsupported", `Nothing can come in at ${this.id} without a copy`);
  }

  /** Keeps a file in the folder of `incoming` out of sight, under an id: it is no archive that is listed. */
  async setAside(file: string, id: string, signal: AbortSignal): Promise<void> {
    const { incoming } = this.#tools.storage;
    if (incoming === undefined)
      throw new SafehouseError("unsupported", `Nothing can come in at ${this.id} without a copy`);
    await incoming.adopt(file, asideKey(id), signal);
  }

  /** Opens what was set aside. Rejects with `not-found`. */
  async openAside(id: string, signal: AbortSignal): Promise<ByteSource> {
    return this.#tools.storage.open(asideKey(id), signal);
  }

  async removeAside(id: string, signal: AbortSignal): Promise<void> {
    await this.#tools.storage.remove(asideKey(id), signal);
  }

  /** Bytes that a new archive may take here; undefined where the place does not tell. */
  async freeSpace(signal: AbortSignal): Promise<number | undefined> {
    return (await this.#tools.storage.freeSpace(signal))?.freeBytes;
  }

  /** Believes nothing that is remembered of the archives here, as `doubtPlace`. */
  async doubt(): Promise<void> {
    await doubtPlace(this.#tools.catalogue, this.#tools.place);
  }

  /** Notes on the backup with that slug; undefined if there are none. */
  async readNotes(slug: string, signal: AbortSignal): Promise<unknown> {
    return this.#sidecars.readNotes(slug, signal);
  }

  /** Replaces the notes on the backup with that slug by a JSON value. */
  async writeNotes(slug: string, notes: unknown, signal: AbortSignal): Promise<void> {
    await this.#sidecars.writeNotes(slug, notes, signal);
  }

  /**
   * Removes notes and indexes that lie beside no archive: those of `slug`, and all that nobody has written
   * for a day, for what is younger may belong to an archive that is on its way. Removes nothing while an archive
   * here cannot be read as far as its slug.
   */
  async tidy(slug: string | undefined, signal: AbortSignal): Promise<void> {
    const { storage, clock } = this.#tools;
    const orphans: StoredObject[] = [];
    for await (const page of storage.list(ownFolder, signal)) {
      orphans.push(
        ...page.filter(({ key, modifiedAt }) => {
          const of = slugOfSidecar(key);
          return of !== undefined && (of === slug || clock.now() - modifiedAt > dayInMs);
        }),
      );
    }
    // Looked at later than at the orphans: an archive that has come meanwhile keeps what is beside it.
    const { backups } = await this.list(signal);
    await this.#descriptions.complete(backups, signal);
    if (backups.some(({ facts }) => facts === undefined)) return;
    const present = new Set(backups.map(({ facts }) => facts?.slug));
    for (const { key } of orphans)
      if (!present.has(slugOfSidecar(key))) await storage.remove(key, signal);
  }

  /** Indexes that are kept beside the backups. The signal counts for every use of the result. */
  indexes(signal: AbortSignal): IndexStore {
    return this.#sidecars.indexes(signal);
  }
}

const dayInMs = 86_400_000;
