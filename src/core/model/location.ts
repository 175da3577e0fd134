/** A place where backups of a home are kept, as it was set up. */
export interface LocationRecord {
  /** Lower-case letters, digits, `-` and `_`; never changes. Of a place that was only named: its path. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Kind of the place, as the catalog of storage has it; never changes. */
  readonly kind: string;
  /** What the kind needs to know, by name; nothing secret. */
  readonly settings: LocationValues;
  /** Secret settings by name, sealed. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Id in the place's marker, by which it is recognised; undefined if it has none. */
  readonly marker: string | undefined;
}

export type LocationValues = Readonly<Record<string, string | number | boolean>>;

/** The locations of a home. */
export interface LocationList {
  /** In the order in which they came, `backup` first; each id once. */
  readonly locations: readonly LocationRecord[];
  /** Id of the one that backups go to where none is named. */
  readonly defaultId: string;
}

/** Id of the location that every home has. */
export const firstLocation = "backup";
