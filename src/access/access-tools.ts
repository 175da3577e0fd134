import type { Clock } from "#core/ports.ts";
import type { AccessStore } from "./access-port.ts";
import { GuessLimit } from "./guess-limit.ts";
import { LastUse } from "./last-use.ts";
import { Turns } from "./turns.ts";

/** What access is decided with, made once by whoever starts a server. */
export interface AccessTools {
  readonly store: AccessStore;
  readonly clock: Clock;
  readonly guesses: GuessLimit;
  /** Each check of a password takes 19 MiB for a tenth of a second. */
  readonly turns: Turns;
  readonly lastUse: LastUse;
}

export interface AccessOptions {
  readonly store: AccessStore;
  readonly clock: Clock;
  /** Pauses between guesses are measured with it; if not given, with the process's own time. */
  readonly stopwatch?: Clock;
  /** Told when it cannot be kept that something was used. */
  readonly report: (error: unknown) => void;
}

export function accessTools({ store, clock, stopwatch, report }: AccessOptions): AccessTools {
  return {
    store,
    clock,
    guesses: new GuessLimit(stopwatch ?? { now: () => performance.now() }),
    turns: new Turns({ atOnce: 2, waiting: 20 }),
    lastUse: new LastUse({ store, clock, report }),
  };
}
