import type { LocationRecord } from "#core/model/location.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import type { HomeLocations } from "#jobs/locations/home-locations.ts";
import type { ArchiveFacts } from "#location/archive-facts.ts";
import { ArchiveLocation } from "#location/archive-location.ts";
import { doubtPlace } from "#location/doubt-place.ts";
import { rememberedListing } from "#location/remembered-listing.ts";
import { StorageError } from "#storage/errors.ts";
import { MemoryStorage } from "#storage/memory/provider.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { MemoryCatalogue } from "./memory-catalogue.ts";
import { memoryUploads } from "./memory-uploads.ts";

/** What an archive in memory says of itself. */
export interface SmallArchive {
  readonly slug: string;
  readonly name?: string;
  readonly date?: string;
}

/** Locations in memory whose archives are their own small `backup.json`, and which can be taken away. */
export class MemoryLocations implements HomeLocations {
  readonly catalogue = new MemoryCatalogue();
  readonly clock = { time: Date.UTC(2026, 5, 1), now: () => this.clock.time };
  /** Ids of those that do not answer; with `for ever` they never do, otherwise they say so. */
  readonly away = new Map<string, "at once" | "for ever">();
  /** Ids of those that were asked for anything, in that order. */
  readonly asked: string[] = [];
  readonly #places: ReadonlyMap<string, MemoryStorage>;
  #defaultId: string;

  constructor(...ids: readonly [string, ...string[]]) {
    this.#places = new Map(ids.map((id) => [id, new MemoryStorage({ now: () => 0 })]));
    [this.#defaultId] = ids;
  }

  useAsDefault(id: string): void {
    this.#defaultId = id;
  }

  async list(): Promise<readonly LocationRecord[]> {
    return Array.from(this.#places.keys(), (id) => ({
      id,
      name: id.toUpperCase(),
      kind: "memory",
      settings: {},
      secrets: {},
      marker: undefined,
    }));
  }

  async default(): Promise<string> {
    return this.#defaultId;
  }

  async open(id: string): Promise<ArchiveLocation> {
    return this.look(id);
  }

  async look(id: string): Promise<ArchiveLocation> {
    this.asked.push(id);
    const { catalogue, clock } = this;
    const place = { home: "home", location: id };
    return new ArchiveLocation({
      storage: this.#storage(id),
      place,
      catalogue,
      uploads: memoryUploads(),
      inspect,
      clock,
    });
  }

  async remembered(id: string) {
    return rememberedListing(this.catalogue, { home: "home", location: id });
  }

  async idOf(named: string): Promise<string> {
    return named;
  }

  async settles(): Promise<boolean> {
    return false;
  }

  async doubt(): Promise<void> {
    for (const location of this.#places.keys())
      await doubtPlace(this.catalogue, { home: "home", location });
  }

  async storage(id: string): Promise<StorageProvider> {
    return this.#storage(id);
  }

  async put(id: string, file: string, content: SmallArchive | string): Promise<void> {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    async function* open() {
      yield new TextEncoder().encode(text);
    }
    await this.#place(id).write(file, { open, overwrite: true }, new AbortController().signal);
  }

  async remove(id: string, file: string): Promise<void> {
    await this.#place(id).remove(file, new AbortController().signal);
  }

  #place(id: string): MemoryStorage {
    const place = this.#places.get(id);
    if (place === undefined) throw new SafehouseError("not-found", `There is no location ${id}`);
    return place;
  }

  #storage(id: string): StorageProvider {
    const place = this.#place(id);
    const how = this.away.get(id);
    if (how === undefined) return place;
    const unreachable = new StorageError("unreachable", `${id} is not there`);
    const next = (): Promise<never> =>
      how === "at once" ? Promise.reject(unreachable) : new Promise(() => undefined);
    const iterator = { next, return: next };
    return Object.assign(Object.create(place) as MemoryStorage, {
      list: () => ({ [Symbol.asyncIterator]: () => iterator }),
      open: next,
    });
  }
}

async function inspect(source: ByteSource): Promise<ArchiveFacts> {
  const text = new TextDecoder().decode(await source.read(0, source.size));
  if (text === "torn") throw new SafehouseError("truncated", "The archive ends early");
  if (text === "photo") throw new SafehouseError("not-a-backup", "No backup.json");
  const {
    slug,
    name = slug,
    date = "2026-01-01T00:00:00+00:00",
  } = JSON.parse(text) as SmallArchive;
  const rest = { folders: [], addons: [], extra: {}, problems: [], homeassistant: undefined };
  const flags = { type: "full", protected: false, compressed: true } as const;
  return { slug, name, date, size: source.size, ...flags, ...rest };
}
