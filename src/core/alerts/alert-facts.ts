import type { StepError } from "../model/run.ts";

/**
 * What alerts are decided by. Undefined stands for what is not known at the moment: it neither opens an
 * alert nor ends one, so a state file that cannot be read does not look like a recovery. Times are
 * milliseconds since 1970.
 */
export interface AlertFacts {
  /** Of every plan that is enabled. */
  readonly plans: readonly PlanFacts[] | undefined;
  /** One for each location of each of these plans. */
  readonly copies: readonly PlanCopyFacts[] | undefined;
  /** What no plan backs up; `database`: Home Assistant is, but never with the recorder's database. */
  readonly uncovered: { readonly parts: readonly string[]; readonly database: boolean } | undefined;
  /** The current key; null if there is none. `madeAt`: when it came into the ring. */
  readonly key:
    | {
        readonly id: string;
        readonly name: string;
        readonly madeAt: number;
        readonly isProven: boolean;
      }
    | null
    | undefined;
  /** Prunes that wait for a person. */
  readonly stoppedPrunes:
    | readonly (NamedLocation & { readonly going: number; readonly touchable: number })[]
    | undefined;
  /** Copies that were found damaged, by location. */
  readonly damaged: readonly (NamedLocation & { readonly slugs: readonly string[] })[] | undefined;
  /** What others brought and what a person has to look at, by location. */
  readonly arrivals: readonly FailedArrivals[] | undefined;
  /** What of our own data could not be read: `settings`, `key ring`, `journal of runs` … */
  readonly unreadable: readonly (StepError & { readonly what: string })[] | undefined;
  /** Runs that have not ended. What they may be about to mend or to break is not told as mended. */
  readonly openRuns: readonly OpenRunFacts[];
}

interface NamedLocation {
  /** Id of the location. */
  readonly location: string;
  /** For people. */
  readonly locationName: string;
}

/** Archives that came to a location by themselves, and with which something went wrong. */
export interface FailedArrivals extends NamedLocation {
  readonly failed: readonly {
    /** As whoever brought it calls it. */
    readonly file: string;
    readonly message: string;
  }[];
}

export interface PlanFacts {
  readonly plan: string;
  /** For people. */
  readonly planName: string;
  /** How many of its runs in a row, up to the last that ended, made no good backup. */
  readonly failures: number;
  /** Why the last of them failed. */
  readonly error: StepError | undefined;
}

export interface PlanCopyFacts extends PlanFacts, NamedLocation {
  /**
   * `failures` and `error`: how many runs in a row, up to the last, did not bring a good copy to this location
   * although a backup was made.
   */
  readonly pruneError: StepError | undefined;
  /** When the last good copy was made; undefined if there is none. */
  readonly lastGood: number | undefined;
  /** When the plan was made or enabled, or got the location. */
  readonly since: number;
  /** So old may the last good copy be, in milliseconds; undefined if nobody minds. */
  readonly longestAgeInMs: number | undefined;
}

export interface OpenRunFacts {
  /** Id of its plan; undefined for a run that somebody asked for. */
  readonly plan: string | undefined;
  /** Ids of the locations that it works at. */
  readonly locations: readonly string[];
}
