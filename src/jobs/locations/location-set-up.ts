import type { LocationValues } from "#core/model/location.ts";
import type { DiagnosisStep } from "#storage/diagnosis.ts";

/** A location as it is shown: nothing in it is secret. */
export interface DescribedLocation {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  /** Where it is, in one line for people. */
  readonly where: string;
  readonly settings: LocationValues;
  /** Names of settings that are kept sealed. */
  readonly secrets: readonly string[];
  /** Id in the place's marker; undefined if it has none. */
  readonly marker: string | undefined;
  /** Backups go there where none is named. */
  readonly isDefault: boolean;
}

/** A kind of place that can be set up. */
export interface DescribedKind {
  readonly kind: string;
  /** For people. */
  readonly title: string;
  /** What there is to be set. */
  readonly fields: readonly DescribedField[];
}

export interface DescribedField {
  readonly name: string;
  /** For people: what it is. */
  readonly title: string;
  readonly type: "text" | "lines" | "number" | "flag" | "folder";
  /** It is sealed where it is kept, and never shown. */
  readonly secret: boolean;
}

export interface NewLocation {
  /** Lower-case letters, digits, `-` and `_`. */
  readonly id: string;
  /** The id if undefined. */
  readonly name: string | undefined;
  /** A folder if undefined. */
  readonly kind: string | undefined;
  /** As a person has typed them, by name. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What becomes of a location; the rest of it stays. */
export interface LocationChange {
  readonly name: string | undefined;
  /** Only those that change. */
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Sets the locations of one home up. No method touches backups. All reject with `usage` for settings that make no
 * sense, and all but `add` with `not-found` for an id that there is not.
 */
export interface LocationSetUp {
  /** All of them, the first of a home before those that were added. */
  describe(): Promise<readonly DescribedLocation[]>;

  /**
   * Adds a location: makes the place if it can, and marks it, so that it is recognised. Rejects with
   * `already-exists` for an id or a place that another location has.
   */
  add(wanted: NewLocation, signal: AbortSignal): Promise<DescribedLocation>;

  /** Changes a location; where it comes to lie elsewhere, the new place is made and marked. */
  change(id: string, change: LocationChange, signal: AbortSignal): Promise<DescribedLocation>;

  /** Forgets a location. Refused for the first one, the default one, and one that plans name. */
  remove(id: string): Promise<DescribedLocation>;

  makeDefault(id: string): Promise<DescribedLocation>;

  /** What kinds of places there are. */
  kinds(): readonly DescribedKind[];

  /** Tries step by step whether the place can be reached and written to; empty for a kind that has no such steps. */
  diagnose(id: string, signal: AbortSignal): AsyncIterable<DiagnosisStep>;
}
