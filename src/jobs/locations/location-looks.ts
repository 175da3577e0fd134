import type { Clock } from "#core/ports.ts";
import type { StartTimer } from "../runs/run-tools.ts";
import type { HomeLocations } from "./home-locations.ts";
import { lookAt, remembered, type LocationProblem, type Seen } from "./look-at.ts";

/** A place that answers in this time is listed as it is now. */
const momentInMs = 100;
/** What was seen of a place that takes longer counts for so long. */
const countsForMs = 10_000;
/** After it has kept a look waiting in vain, a place is left alone for so long. */
const pauseInMs = 30_000;

export interface LookTools {
  readonly clock: Clock;
  readonly startTimer: StartTimer;
}

/** The last look at a place that took longer than a moment. */
interface SlowLook {
  /** When it ended. */
  readonly at: number;
  readonly problem: LocationProblem | undefined;
}

/**
 * Looks at locations for those who do not wait: a place that answers at once is told of as it is, another one as it
 * was when it last answered, while the look at it goes on. However many ask, there is one look at a place at a time.
 */
export class LocationLooks {
  readonly #tools: LookTools;
  readonly #underWay = new Map<string, Promise<Seen>>();
  readonly #slow = new Map<string, SlowLook>();
  readonly #closing = new AbortController();

  constructor(tools: LookTools) {
    this.#tools = tools;
  }

  /** What is at a location, after a moment at the latest. Rejects with `not-found`, and with faults. */
  async look(locations: HomeLocations, id: string): Promise<Seen> {
    const slow = this.#slow.get(id);
    if (slow !== undefined && this.#counts(slow)) return remembered(locations, id, slow.problem);
    const look = this.#underWay.get(id) ?? this.#start(locations, id);
    const seen = slow === undefined ? await this.#withinMoment(look) : undefined;
    return seen ?? remembered(locations, id, slow?.problem);
  }

  /** Gives up the looks that are under way. */
  close(): void {
    this.#closing.abort();
  }

  #counts({ at, problem }: SlowLook): boolean {
    const age = Math.abs(this.#tools.clock.now() - at);
    return age < (problem === undefined ? countsForMs : pauseInMs);
  }

  #start(locations: HomeLocations, id: string): Promise<Seen> {
    const { clock } = this.#tools;
    const begun = clock.now();
    const look = lookAt(locations, id, { fresh: true, clock, signal: this.#closing.signal });
    this.#underWay.set(id, look);
    const ended = (problem: LocationProblem | undefined): void => {
      this.#underWay.delete(id);
      const at = clock.now();
      if (at - begun < momentInMs) this.#slow.delete(id);
      else this.#slow.set(id, { at, problem });
    };
    // A fault is met by whoever waits for the look, or by the next one.
    look.then(
      ({ problem }) => ended(problem),
      () => ended(undefined),
    );
    return look;
  }

  async #withinMoment(look: Promise<Seen>): Promise<Seen | undefined> {
    const moment = Promise.withResolvers<undefined>();
    const stop = this.#tools.startTimer(momentInMs, () => moment.resolve(undefined));
    try {
      return await Promise.race([look, moment.promise]);
    } finally {
      stop();
    }
  }
}
