import type { KeptBackup } from "#api/supervisor/backups/backups-port.ts";
import type { ArchiveFacts } from "#location/archive-facts.ts";
import type { BackupAtLocation } from "#location/backup-at-location.ts";
import type { NamedLocation } from "./named-locations.ts";
import type { SeenLocation } from "./recent-look.ts";

/** One archive whose headers could be read. */
export interface KnownArchive {
  readonly location: NamedLocation;
  readonly facts: ArchiveFacts;
  readonly object: BackupAtLocation["object"];
}

/** Every backup once, newest first, as the Supervisor's API tells of it. */
export function keptBackups(seen: readonly SeenLocation[]): readonly KeptBackup[] {
  return groupsOf(seen).map(keptBackup);
}

/** All archives of the backup of a slug; of several such backups, those of the newest. */
export function archivesOf(seen: readonly SeenLocation[], slug: string): readonly KnownArchive[] {
  return groupsOf(seen).find(([{ facts }]) => facts.slug === slug) ?? [];
}

type Archives = readonly [KnownArchive, ...KnownArchive[]];

/** Archives of one backup together, newest first. A slug has eight digits: two homes may draw the same one. */
function groupsOf(seen: readonly SeenLocation[]): readonly Archives[] {
  const archives = seen.flatMap(({ location, listing }) =>
    listing.backups.flatMap(({ facts, object }) =>
      facts === undefined ? [] : [{ location, facts, object }],
    ),
  );
  const groups = Map.groupBy(archives, ({ facts: { slug, date, name } }) =>
    JSON.stringify([slug, date, name]),
  );
  return [...groups.values()]
    .flatMap(([first, ...others]) => (first === undefined ? [] : [[first, ...others] as const]))
    .map((group) => ({ group, time: Date.parse(group[0].facts.date) || 0 }))
    .toSorted((a, b) => b.time - a.time)
    .map(({ group }) => group);
}

function keptBackup(archives: Archives): KeptBackup {
  const { slug, name, date, type, compressed, homeassistant, addons, folders, extra } =
    archives[0].facts;
  const atLocations = Map.groupBy(archives, ({ location }) => location.name);
  return {
    slug,
    name,
    date,
    type,
    compressed,
    supervisorVersion: undefined,
    homeassistant,
    folders: folders.map((folder) => folder.name),
    addons,
    repositories: [],
    extra,
    copies: [...atLocations].flatMap(([location, [first]]) =>
      first === undefined
        ? []
        : [
            {
              location,
              fileName: first.object.key,
              size: first.object.size,
              protected: first.facts.protected,
            },
          ],
    ),
  };
}
