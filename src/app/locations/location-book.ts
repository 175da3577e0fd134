import { join, resolve } from "node:path";
import {
  addLocation,
  removeLocation,
  replaceLocation,
  useAsDefault,
} from "#core/location/change-locations.ts";
import { findLocation } from "#core/location/find-location.ts";
import { parseInbox } from "#core/inbox/parse-inbox.ts";
import { parseLocation } from "#core/location/parse-location.ts";
import { plansAt } from "#core/location/plans-at.ts";
import type { LocationList, LocationRecord } from "#core/model/location.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type {
  DescribedKind,
  DescribedLocation,
  LocationChange,
  LocationSetUp,
  NewLocation,
} from "#jobs/locations/location-set-up.ts";
import { LocationSecrets } from "#state/location-secrets.ts";
import type { HomeSettings, Settings } from "#state/settings.ts";
import {
  findKind,
  folderKind,
  storageCatalog,
  type CatalogEntry,
  type PlaceSettings,
} from "#storage/catalog.ts";
import { commonFields, withoutCommon } from "#storage/common-settings.ts";
import type { DiagnosisStep } from "#storage/diagnosis.ts";
import { readSettings, type SortedSettings } from "#storage/setting-fields.ts";
import { markLocation } from "../mark-location.ts";
import { readLocationList, writeLocationList } from "./location-list.ts";

export interface LocationBookOptions {
  readonly dataDirectory: string;
  /** Id of the home. */
  readonly home: string;
  readonly settings: Settings;
  /** Kinds of places that there are. */
  readonly catalog?: readonly CatalogEntry[];
}

/** The locations of a home as they are set up in its settings. */
export class LocationBook implements LocationSetUp {
  /** Where the first location lies unless a person has said where. */
  readonly ownFolder: string;
  readonly #home: string;
  readonly #settings: Settings;
  readonly #catalog: readonly CatalogEntry[];
  readonly #secrets: LocationSecrets;

  constructor({ dataDirectory, home, settings, catalog = storageCatalog }: LocationBookOptions) {
    this.ownFolder = join(dataDirectory, "backup");
    this.#home = home;
    this.#settings = settings;
    this.#catalog = catalog;
    this.#secrets = new LocationSecrets(dataDirectory, home);
  }

  async read(): Promise<LocationList> {
    return readLocationList(await this.#settings.read(this.#home), this.ownFolder);
  }

  async describe(): Promise<readonly DescribedLocation[]> {
    const list = await this.read();
    return list.locations.map((location) => this.#describe(list, location.id));
  }

  async add(wanted: NewLocation, signal: AbortSignal): Promise<DescribedLocation> {
    const { id, name, kind = folderKind } = wanted;
    const entry = this.kindOf({ kind });
    const bare = parseLocation({ id, name, kind }, "location");
    const sorted = this.#sort(entry, wanted.settings);
    const before = await this.read();
    addLocation(before, bare);
    this.#refuseSamePlace(before, { ...bare, settings: sorted.plain });
    const marker = await markLocation(entry, { ...sorted.plain, ...sorted.secret }, signal);
    return this.#change(id, (list) => addLocation(list, { ...this.#sealed(bare, sorted), marker }));
  }

  async change(
    id: string,
    { name, settings }: LocationChange,
    signal: AbortSignal,
  ): Promise<DescribedLocation> {
    const list = await this.read();
    const before = findLocation(list, id);
    const renamed = { ...before, name: name ?? before.name };
    if (Object.keys(settings).length === 0)
      return this.#change(id, (now) => replaceLocation(now, renamed));
    const entry = this.kindOf(before);
    const { plain, secret } = this.#sort(entry, settings);
    const sorted = {
      plain: { ...before.settings, ...plain },
      secret: { ...this.#secrets.open(before), ...secret },
    };
    this.#refuseSamePlace(list, { ...renamed, settings: sorted.plain });
    const marker = await markLocation(entry, { ...sorted.plain, ...sorted.secret }, signal);
    return this.#change(id, (now) =>
      replaceLocation(now, { ...this.#sealed(renamed, sorted), marker }),
    );
  }

  async remove(id: string): Promise<DescribedLocation> {
    const before = await this.read();
    const described = this.#describe(before, id);
    const location = findLocation(before, id);
    const settings = withoutCommon(this.settingsOf(location));
    await this.#decide((list, { plans, inbox }) => {
      refuseDeliveredTo(id, inbox);
      return removeLocation(list, id, plansAt(plans, id));
    });
    await this.kindOf(location).letGo?.(settings);
    return described;
  }

  async makeDefault(id: string): Promise<DescribedLocation> {
    return this.#change(id, (list) => useAsDefault(list, id));
  }

  kinds(): readonly DescribedKind[] {
    return this.#catalog.map(({ kind, title, fields }) => ({
      kind,
      title,
      fields: [...fields, ...commonFields].map(({ secret, ...field }) => ({
        ...field,
        secret: secret === true,
      })),
    }));
  }

  async *diagnose(id: string, signal: AbortSignal): AsyncGenerator<DiagnosisStep, void, undefined> {
    const location = findLocation(await this.read(), id);
    const settings = withoutCommon(this.settingsOf(location));
    yield* this.kindOf(location).diagnose?.(settings, signal) ?? [];
  }

  /** The kind of a location. Throws `unsupported` for one that this program does not know. */
  kindOf({ kind }: Pick<LocationRecord, "kind">): CatalogEntry {
    return findKind(kind, this.#catalog);
  }

  /** True if what comes to a location goes on by itself; false for a kind that this program does not know. */
  settles({ kind }: Pick<LocationRecord, "kind">): boolean {
    return this.#catalog.some((entry) => entry.kind === kind && entry.settles === true);
  }

  /** Everything that the kind needs to open a location, secrets included. Throws as `SecretBox.open`. */
  settingsOf(location: LocationRecord): PlaceSettings {
    return { ...location.settings, ...this.#secrets.open(location) };
  }

  #sort(entry: CatalogEntry, texts: Readonly<Record<string, string>>): SortedSettings {
    const folders = entry.fields.filter(({ type }) => type === "folder").map(({ name }) => name);
    const absolute = Object.entries(texts).map(([name, text]) => [
      name,
      folders.includes(name) ? resolve(text) : text,
    ]);
    return readSettings(entry, Object.fromEntries(absolute) as Record<string, string>);
  }

  #sealed(location: LocationRecord, { plain, secret }: SortedSettings): LocationRecord {
    return { ...location, settings: plain, secrets: this.#secrets.seal(location.id, secret) };
  }

  /** Before a marker is written: whoever has one already is told apart by it, but not everybody has. */
  #refuseSamePlace({ locations }: LocationList, { id, kind, settings }: LocationRecord): void {
    const where = this.kindOf({ kind }).where(settings);
    const twin = locations.find(
      (known) => known.id !== id && known.kind === kind && this.#where(known) === where,
    );
    if (twin === undefined) return;
    const message = `${where} is location ${twin.id} "${twin.name}" already`;
    throw new SafehouseError("already-exists", message, { subject: twin.id });
  }

  async #change(
    id: string,
    decide: (list: LocationList) => LocationList,
  ): Promise<DescribedLocation> {
    return this.#describe(await this.#decide(decide), id);
  }

  async #decide(
    decide: (list: LocationList, stored: HomeSettings) => LocationList,
  ): Promise<LocationList> {
    let next: LocationList | undefined;
    await this.#settings.decide(this.#home, (stored) => {
      next = decide(readLocationList(stored, this.ownFolder), stored);
      return writeLocationList(stored, next, this.ownFolder);
    });
    return next ?? this.read();
  }

  #describe(list: LocationList, id: string): DescribedLocation {
    const location = findLocation(list, id);
    const { name, kind, settings, secrets, marker } = location;
    return {
      id,
      name,
      kind,
      where: this.#where(location),
      settings,
      secrets: Object.keys(secrets),
      marker,
      isDefault: id === list.defaultId,
    };
  }

  /** One that a newer program has set up is shown all the same. */
  #where({ kind, settings }: LocationRecord): string {
    const entry = this.#catalog.find((known) => known.kind === kind);
    return entry === undefined ? `a place of unknown kind ${kind}` : entry.where(settings);
  }
}

function refuseDeliveredTo(id: string, inbox: unknown): void {
  if (!parseInbox(inbox).deliverTo.includes(id)) return;
  const message = `Location ${id} cannot be removed: what arrives in the inbox is delivered to it`;
  throw new SafehouseError("usage", message, {
    subject: id,
    advice: "Choose other locations first, with: safehouse inbox deliver",
  });
}
