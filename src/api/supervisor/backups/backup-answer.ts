import { addonsKey, type ApiVersion } from "../api-version.ts";
import { compareLocations, locationValueOf } from "../location-name.ts";
import type { KeptBackup, KeptCopy } from "./backups-port.ts";

/** A backup as lists show it. */
export function listedBackup(backup: KeptBackup, version: ApiVersion): Record<string, unknown> {
  const { slug, name, date, type, compressed, homeassistant, addons, folders } = backup;
  const content = {
    homeassistant: homeassistant !== undefined,
    [addonsKey(version)]: addons.map((addon) => addon.slug),
    folders,
  };
  return { slug, name, date, type, ...placesOf(backup), compressed, content };
}

/** A backup with everything about it. */
export function detailedBackup(backup: KeptBackup, version: ApiVersion): Record<string, unknown> {
  const { slug, type, name, date, compressed, homeassistant, addons, folders } = backup;
  return {
    slug,
    type,
    name,
    date,
    ...placesOf(backup),
    compressed,
    supervisor_version: backup.supervisorVersion ?? "",
    homeassistant: homeassistant?.version ?? null,
    [addonsKey(version)]: addons.map((addon) => ({ ...addon, size: megabytes(addon.size) })),
    repositories: backup.repositories,
    folders,
    homeassistant_exclude_database:
      homeassistant === undefined ? null : !homeassistant.databaseIncluded,
    extra: backup.extra,
  };
}

/** Its copies in the order in which they are preferred. */
export function copiesOf({ copies }: KeptBackup): readonly KeptCopy[] {
  return copies.toSorted((a, b) => compareLocations(a.location, b.location));
}

function placesOf(backup: KeptBackup): Record<string, unknown> {
  const copies = copiesOf(backup);
  const [first] = copies;
  const attributes = copies.map(
    (copy) => [copy.location, { protected: copy.protected, size_bytes: copy.size }] as const,
  );
  return {
    size: megabytes(first?.size ?? 0),
    size_bytes: first?.size ?? 0,
    protected: first?.protected ?? false,
    location: first === undefined ? null : locationValueOf(first.location),
    locations: copies.map((copy) => locationValueOf(copy.location)),
    location_attributes: Object.fromEntries(attributes),
  };
}

function megabytes(bytes: number): number {
  return Math.round((bytes / 1024 ** 2) * 100) / 100;
}
