import { resolve } from "node:path";
import type { LocationRecord } from "#core/model/location.ts";
import { findLocation } from "#core/location/find-location.ts";
import type { Clock } from "#core/ports.ts";
import type { HomeLocations } from "#jobs/locations/home-locations.ts";
import { ArchiveLocation } from "#location/archive-location.ts";
import type { Catalogue } from "#location/catalogue-port.ts";
import { doubtPlace } from "#location/doubt-place.ts";
import { inspectArchive } from "#location/inspect-archive.ts";
import type { Uploads } from "#location/uploads-port.ts";
import { rememberedListing, type RememberedListing } from "#location/remembered-listing.ts";
import { folderKind, folderSettings } from "#storage/catalog.ts";
import { readCommonSettings, withoutCommon } from "#storage/common-settings.ts";
import type { StorageProvider } from "#storage/provider.ts";
import { stackStorage, type StackOptions } from "#storage/stack.ts";
import type { LocationBook } from "./location-book.ts";
import { isFolderPath } from "./is-folder-path.ts";

export interface OpenedLocationsOptions {
  readonly book: LocationBook;
  /** Id of the home. */
  readonly home: string;
  readonly catalogue: Catalogue;
  readonly uploads: Uploads;
  readonly clock: Clock;
  /** Receives a sentence about each leftover that was removed. */
  readonly recovered: (sentence: string) => void;
  /** Seconds without any progress after which a look is given up; 15 if not given. */
  readonly patience?: number;
}

/** Opens the locations of a home by what the book says of them. */
export class OpenedLocations implements HomeLocations {
  readonly #options: OpenedLocationsOptions;

  constructor(options: OpenedLocationsOptions) {
    this.#options = options;
  }

  async list(): Promise<readonly LocationRecord[]> {
    return (await this.#options.book.read()).locations;
  }

  async default(): Promise<string> {
    return (await this.#options.book.read()).defaultId;
  }

  async idOf(named: string): Promise<string> {
    return (await this.#find(named)).id;
  }

  async open(id: string, signal: AbortSignal): Promise<ArchiveLocation> {
    const record = await this.#find(id);
    const storage = await this.#storageOf(record, {});
    for (const { key, size } of await storage.removeLeftovers(signal)) {
      const what = `${key} (${size} bytes), which an interrupted run had left at ${record.id}`;
      this.#options.recovered(`Removed ${what}`);
    }
    return this.#locationAt(record, storage);
  }

  async look(id: string): Promise<ArchiveLocation> {
    const record = await this.#find(id);
    const { patience: stallSeconds = 15 } = this.#options;
    // Somebody waits for the answer, and there will be another look.
    return this.#locationAt(record, await this.#storageOf(record, { stallSeconds, attempts: 2 }));
  }

  async remembered(id: string): Promise<RememberedListing> {
    const { catalogue, home } = this.#options;
    return rememberedListing(catalogue, { home, location: (await this.#find(id)).id });
  }

  async settles(id: string): Promise<boolean> {
    return this.#options.book.settles(await this.#find(id));
  }

  async doubt(): Promise<void> {
    const { catalogue, home } = this.#options;
    for (const { id } of await this.list()) await doubtPlace(catalogue, { home, location: id });
  }

  async storage(id: string): Promise<StorageProvider> {
    return this.#storageOf(await this.#find(id), {});
  }

  async #find(id: string): Promise<LocationRecord> {
    const list = await this.#options.book.read();
    if (!isFolderPath(id)) return findLocation(list, id);
    const path = resolve(id);
    const settings = folderSettings(path);
    const folder = this.#options.book.kindOf({ kind: folderKind });
    const known = list.locations.find(
      (location) => location.kind === folderKind && folder.where(location.settings) === path,
    );
    return (
      known ?? { id: path, name: path, kind: folderKind, settings, secrets: {}, marker: undefined }
    );
  }

  async #storageOf(
    record: LocationRecord,
    patience: Pick<StackOptions, "stallSeconds" | "attempts">,
  ): Promise<StorageProvider> {
    const { book } = this.#options;
    const kind = book.kindOf(record);
    const settings = book.settingsOf(record);
    // Nobody has to make the folder that we have thought of ourselves.
    if (record.marker === undefined && kind.where(settings) === book.ownFolder)
      await kind.prepare?.(withoutCommon(settings));
    const { marker } = record;
    const { rateAt } = readCommonSettings(settings);
    return stackStorage(await kind.open(withoutCommon(settings)), {
      rateAt,
      ...(marker === undefined ? {} : { marker }),
      ...patience,
    });
  }

  #locationAt(record: LocationRecord, storage: StorageProvider): ArchiveLocation {
    const { book, catalogue, uploads, clock, home } = this.#options;
    const { isProtected } = readCommonSettings(record.settings);
    return new ArchiveLocation({
      storage,
      place: { home, location: record.id },
      isProtected,
      agentLayout: book.kindOf(record).agentLayout?.(record.settings),
      catalogue,
      uploads,
      inspect: inspectArchive,
      clock,
    });
  }
}
