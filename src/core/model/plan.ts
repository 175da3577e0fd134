import type { Schedule } from "./schedule.ts";

/** Stands for the key that new backups are encrypted with at the time, so that a rotation reaches plans. */
export const currentKey = "current";

/** What is backed up, when, where to, and for how long it is kept there. */
export interface Plan<Retention> {
  /** Lower-case letters, digits, `-` and `_`; never changes. */
  readonly id: string;
  readonly name: string;
  /** A plan that is not enabled never runs by itself. */
  readonly enabled: boolean;
  readonly selection: PlanSelection;
  /** Undefined: runs only when somebody asks for it. */
  readonly schedule: Schedule | undefined;
  /** A run that was missed is made up for as soon as that is possible. */
  readonly catchUp: boolean;
  readonly locations: readonly PlanLocation<Retention>[];
  /** Gives each backup its name (docs/plans.md). */
  readonly nameTemplate: string;
  /** Id of a key of the key ring, or `currentKey`; undefined: backups are not encrypted. */
  readonly encryptionKey: string | undefined;
  /** Backups are read back before they count. */
  readonly verify: boolean;
}

/** Which parts a plan is about, by the names that `partName` gives. */
export interface PlanSelection {
  /** Everything includes what comes later, such as a new add-on. */
  readonly include: "everything" | readonly string[];
  /** Left out of everything; empty if parts are named one by one. */
  readonly except: readonly string[];
  /** Home Assistant is backed up with the recorder's database. */
  readonly database: boolean;
}

export interface PlanLocation<Retention> {
  /** Id of the location. */
  readonly location: string;
  /** Undefined: kept for ever. */
  readonly retention: Retention | undefined;
}
