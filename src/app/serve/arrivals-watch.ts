import { advanceArrivals } from "#core/arrivals/advance-arrivals.ts";
import type { Arrival } from "#core/arrivals/arrival.ts";
import { tryAgain } from "#core/arrivals/arrival-outcome.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Clock, Log } from "#core/ports.ts";
import { lookAt } from "#jobs/locations/look-at.ts";
import { seenArchives } from "#jobs/inbox/seen-archives.ts";
import type { HomeContext } from "#operations/home-context.ts";
import type { LocalHome } from "../local-home.ts";
import { checkArrival, deliverArrival, type ArrivalTools } from "./arrival-work.ts";
import type { Workers } from "./workers.ts";
import { forgetOldRecords } from "./forget-old-records.ts";

export interface ArrivalsWatchOptions {
  readonly home: LocalHome;
  readonly workers: Workers;
  /** The home as requests see it. */
  readonly context: HomeContext;
  readonly clock: Clock;
  readonly log: Log;
}

/** So long is waited for others to be done with it. */
const busyForMs = 30_000;

/**
 * Looks which archives have appeared at the default location that the home has not made: by the inbox, by a share, by
 * Home Assistant itself. Each is read once, when nobody writes to it any more, and then delivered on as the settings of
 * the inbox say; both are runs in processes of their own, one after the other.
 */
export class ArrivalsWatch implements AsyncDisposable {
  readonly #options: ArrivalsWatchOptions;
  #looking: Promise<void> | undefined;
  #working: Promise<void> | undefined;
  #isAtWork = false;
  /** Something may be due that was not when that was last looked up. */
  #hasNews = false;
  #isWanted = false;
  #isOver = false;

  constructor(options: ArrivalsWatchOptions) {
    this.#options = options;
  }

  /** Looks now, and begins what is to be done; does not wait for that. Never rejects. */
  async look(): Promise<void> {
    // What came after a look had begun may have escaped it.
    this.#isWanted = true;
    while (this.#isWanted && !this.#isOver) {
      this.#looking ??= this.#lookOnce();
      await this.#looking;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#looking;
    await this.#working;
  }

  async #lookOnce(): Promise<void> {
    this.#isWanted = false;
    const { context, log } = this.#options;
    try {
      await this.#look();
    } catch (error) {
      if (!context.signal.aborted) log.error("It could not be looked what has arrived", { error });
    } finally {
      this.#looking = undefined;
    }
  }

  async #look(): Promise<void> {
    const { home, context, clock, log } = this.#options;
    await using open = await context.services.openLocations(context.place);
    const location = open.chosen ?? (await open.locations.default());
    await forgetOldRecords(this.#options, open.locations);
    const { signal } = context;
    const wish = { fresh: true, clock, signal };
    const { listing, problem } = await lookAt(open.locations, location, wish);
    // Of a place that is away nothing is known, and nothing has gone.
    if (problem !== undefined) return;
    const seen = seenArchives(listing, await home.installation());
    await home.arrivals.decide(location, (before) => {
      const after = advanceArrivals(before, seen, clock.now());
      tellNews(before, after, log);
      return after;
    });
    this.#hasNews = true;
    if (!this.#isAtWork) this.#working = this.#work(location);
  }

  /** Does what is due, the oldest first. */
  async #work(location: string): Promise<void> {
    const { home, clock, log } = this.#options;
    const tools: ArrivalTools = { ...this.#options, location };
    this.#isAtWork = true;
    try {
      while (this.#hasNews && !this.#isOver && !tools.context.signal.aborted) {
        this.#hasNews = false;
        const arrivals = [...((await home.arrivals.read(location))?.values() ?? [])];
        const due = arrivals.filter((arrival) => isDue(arrival, clock.now()));
        const [next] = due.toSorted((a, b) => a.since - b.since);
        if (next === undefined) continue;
        await home.arrivals.change(location, await this.#step(next, tools));
        this.#hasNews = true;
      }
    } catch (error) {
      log.error("What has arrived could not be looked after", { error });
    } finally {
      this.#isAtWork = false;
    }
  }

  async #step(arrival: Arrival, tools: ArrivalTools): Promise<Arrival> {
    const { clock, log } = this.#options;
    const { file, state } = arrival;
    try {
      const after =
        state === "unchecked"
          ? await checkArrival(arrival, tools)
          : await deliverArrival(arrival, tools);
      // The server ends, and has the run cancelled: the next one begins it anew.
      if (tools.context.signal.aborted) return arrival;
      if (after.message !== undefined)
        log.warn("Something is wrong with a backup that has arrived", {
          file,
          message: after.message,
        });
      else if (after.state !== state)
        log.info("A backup that has arrived got on", { file, state: after.state });
      return after;
    } catch (error) {
      if (tools.context.signal.aborted) return arrival;
      if (error instanceof SafehouseError && error.problem === "busy")
        return { ...arrival, nextAt: clock.now() + busyForMs };
      log.warn("A backup that has arrived does not get on, and is tried again", { file, error });
      const message = error instanceof Error ? error.message : String(error);
      return tryAgain(arrival, message, clock.now());
    }
  }
}

function isDue({ state, nextAt }: Arrival, now: number): boolean {
  return (state === "unchecked" || state === "undelivered") && nextAt <= now;
}

function tellNews(
  before: ReadonlyMap<string, Arrival> | undefined,
  after: ReadonlyMap<string, Arrival>,
  log: Log,
): void {
  for (const { file, state, message } of after.values()) {
    const was = before?.get(file)?.state;
    if (was === state || state === "known") continue;
    if (state === "failed") log.warn("What has arrived is no backup", { file, message });
    else if (was === undefined) log.info("A backup has arrived, or is about to", { file });
  }
}
