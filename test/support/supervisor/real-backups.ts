import { existsSync, mkdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { archiveFileTools } from "#app/archive-file-tools.ts";
import { SharedPool } from "#app/shared-pool.ts";
import type {
  BackupWish,
  KeptBackup,
  KeptCopy,
  RestoreWish,
  StartedBackup,
  StartedRun,
  StoredArchive,
  SupervisorBackups,
  UploadTarget,
} from "#api/supervisor/backups/backups-port.ts";
import { localLocation, type LocationName } from "#api/supervisor/location-name.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { copyInto } from "#jobs/backup/copy-archive.ts";
import { uploadBackup } from "#jobs/backup/upload-backup.ts";
import { ArchiveLocation } from "#location/archive-location.ts";
import type { ArchiveFacts } from "#location/archive-facts.ts";
import { inspectArchive } from "#location/inspect-archive.ts";
import { asSafehouseError } from "#storage/errors.ts";
import { LocalStorage } from "#storage/local/provider.ts";
import { parseLocalSettings } from "#storage/local/settings.ts";
import type { KeptMounts } from "./kept-mounts.ts";
import { RealWork } from "./real-work.ts";
import type { WorkList } from "./work-list.ts";

const clock = { now: () => Date.now() };
const { signal } = new AbortController();

/** Backups in folders: `.local` in `backup`, those of mounts in `mounts/<name>`. */
export class RealBackups implements SupervisorBackups, AsyncDisposable {
  readonly #folder: string;
  readonly #mounts: KeptMounts;
  readonly #pool = new SharedPool(undefined);
  readonly #work: RealWork;
  #days = 30;
  #frozen: NodeJS.Timeout | undefined;

  constructor(folder: string, mounts: KeptMounts, works: WorkList) {
    this.#folder = folder;
    this.#mounts = mounts;
    this.#work = new RealWork({ folder, pool: this.#pool, works });
  }

  async locations(): Promise<readonly LocationName[]> {
    return [localLocation, ...this.#mounts.wishes.keys()];
  }

  async list(): Promise<readonly KeptBackup[]> {
    const found = new Map<string, { facts: ArchiveFacts; copies: KeptCopy[] }>();
    for (const name of await this.locations()) {
      const { backups } = await this.#at(name).list(signal);
      for (const { facts, object } of backups) {
        if (facts === undefined) continue;
        const known = found.get(facts.slug) ?? { facts, copies: [] };
        const { protected: isProtected } = facts;
        known.copies.push({
          location: name,
          fileName: object.key,
          size: object.size,
          protected: isProtected,
        });
        found.set(facts.slug, known);
      }
    }
    return [...found.values()].map(({ facts, copies }) => ({
      ...facts,
      folders: facts.folders.map(({ name }) => name),
      supervisorVersion: undefined,
      repositories: [],
      copies,
    }));
  }

  async find(slug: string): Promise<KeptBackup | undefined> {
    return (await this.list()).find((backup) => backup.slug === slug);
  }

  async reload(): Promise<void> {
    for (const name of await this.locations()) await this.#at(name).list(signal);
  }

  async daysUntilStale(): Promise<number> {
    return this.#days;
  }

  async setDaysUntilStale(days: number): Promise<void> {
    this.#days = days;
  }

  async create(wish: BackupWish): Promise<StartedBackup> {
    const [first, ...others] = wish.locations;
    await this.#refuseBusy();
    return this.#work.make(wish, this.#at(first), async (slug) => {
      for (const other of others) await this.#copy(slug, first, other);
    });
  }

  async restore(slug: string, wish: RestoreWish): Promise<StartedRun> {
    await this.#refuseBusy();
    return this.#work.restore(slug, wish, this.#at(wish.location));
  }

  async upload(content: AsyncIterable<Uint8Array>, target: UploadTarget): Promise<string> {
    const [first, ...others] = target.locations;
    const path = join(this.#folder, "uploads", `${randomUUID()}.tar`);
    await mkdir(join(this.#folder, "uploads"), { recursive: true });
    try {
      await writeFile(path, content);
      const tools = archiveFileTools(join(this.#folder, "data"), this.#pool, signal);
      const fileName = target.fileName ?? basename(path);
      const options = { fileName, tools, report: () => undefined, signal };
      const { slug } = await translated(uploadBackup(path, this.#at(first), options));
      for (const other of others) await this.#copy(slug, first, other);
      return slug;
    } finally {
      await rm(path, { force: true });
    }
  }

  async open(slug: string, location: LocationName): Promise<StoredArchive> {
    const place = this.#at(location);
    const { object } = await translated(place.find(slug, signal));
    const source = await translated(place.open(object.key, signal));
    const { key, modifiedAt, version } = object;
    return { fileName: key, source, modifiedAt, version: Buffer.from(version).toString("hex") };
  }

  async remove(slug: string, locations: readonly LocationName[]): Promise<void> {
    for (const name of locations) await translated(this.#at(name).remove(slug, signal));
  }

  async state(): Promise<"running" | "freeze"> {
    return this.#work.isAtWork || this.#frozen !== undefined ? "freeze" : "running";
  }

  async freeze(seconds: number): Promise<void> {
    await this.#refuseBusy();
    this.#frozen = setTimeout(() => void this.thaw(), seconds * 1000).unref();
  }

  async thaw(): Promise<boolean> {
    const wasFrozen = this.#frozen !== undefined;
    clearTimeout(this.#frozen);
    this.#frozen = undefined;
    return wasFrozen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thaw();
    await this.#work[Symbol.asyncDispose]();
    await this.#pool.close();
  }

  /** Files of a location, for tests that look behind the API. */
  folderOf(name: LocationName): string {
    const folder = join(this.#folder, name === localLocation ? "backup" : `mounts/${name}`);
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
    return folder;
  }

  #at(name: LocationName): ArchiveLocation {
    return new ArchiveLocation({
      storage: new LocalStorage(parseLocalSettings({ path: this.folderOf(name), reserveBytes: 0 })),
      place: { home: "home", location: name },
      catalogue: { entries: async () => new Map(), update: async () => undefined },
      inspect: inspectArchive,
      clock,
    });
  }

  async #copy(slug: string, from: LocationName, to: LocationName): Promise<void> {
    const { object } = await this.#at(from).find(slug, signal);
    const source = await this.#at(from).open(object.key, signal);
    try {
      const target = await this.#at(to).createWriter(object.key, { size: source.size }, signal);
      await copyInto(source, target, { step: "copy", report: () => undefined, signal });
    } finally {
      await source.close();
    }
  }

  async #refuseBusy(): Promise<void> {
    if ((await this.state()) === "running") return;
    throw new SafehouseError("busy", "Another backup or restore is at work");
  }
}

async function translated<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw asSafehouseError(error);
  });
}
