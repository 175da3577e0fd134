import type { KnownHome } from "#core/alerts/gather-facts.ts";
import type { Run } from "#core/model/run.ts";
import type { Part } from "#core/model/part.ts";
import type { Clock, Log } from "#core/ports.ts";
import type { Share } from "#jobs/share-port.ts";
import type { Scheduler } from "#jobs/schedule/scheduler.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import type { ArrivalsWatch } from "./arrivals-watch.ts";
import { knownHome } from "../known-home.ts";
import type { LocalHome } from "../local-home.ts";
import { onlyHome } from "../only-home.ts";
import { Telling } from "../telling.ts";
import { catchUp } from "./catch-up.ts";
import { resumeRuns } from "./resume-runs.ts";
import { backgroundTimer } from "../background-timer.ts";
import type { Workers } from "./workers.ts";

export interface HomeWatchOptions {
  readonly dataDirectory: string;
  readonly home: LocalHome;
  readonly parts: () => Promise<readonly Part[]>;
  readonly scheduler: Scheduler;
  readonly workers: Workers;
  readonly arrivals: Pick<ArrivalsWatch, "look">;
  readonly share: Pick<Share, "apply">;
  readonly clock: Clock;
  readonly log: Log;
}

const lookEveryMs = 60_000;
/** Runs that ended longer ago were told of by an earlier look. */
const tellRunsOf = 60 * 60_000;

/**
 * Looks after a home once a minute: what is due, what is wrong, who has to be told. A look that fails is told
 * of in the log and is followed by the next.
 */
export class HomeWatch implements AsyncDisposable {
  readonly #options: HomeWatchOptions;
  readonly #telling: Telling;
  #cancelTimer: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #isOver = false;
  #seen: number | undefined;
  #known: KnownHome | undefined;

  constructor(options: HomeWatchOptions) {
    const { home } = options;
    this.#options = options;
    this.#telling = new Telling({ ...options, state: home.state, startTimer: backgroundTimer });
  }

  /** When the last look came to its end, in milliseconds since 1970; undefined before the first. */
  get seen(): number | undefined {
    return this.#seen;
  }

  /** What the last look found; undefined before the first. */
  get known(): KnownHome | undefined {
    return this.#known;
  }

  get telling(): Telling {
    return this.#telling;
  }

  /** Looks now, and from then on every minute. Never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      if (this.#isOver) return;
      this.#cancelTimer?.();
      this.#cancelTimer = backgroundTimer(lookEveryMs, () => void this.look());
    });
    return this.#looking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#cancelTimer?.();
    await this.#looking;
    this.#telling[Symbol.dispose]();
  }

  async #look(): Promise<void> {
    const { home, parts, clock, log, scheduler } = this.#options;
    try {
      await resumeRuns(this.#options);
      await scheduler.refresh();
      // A place that does not answer holds up nothing else.
      void this.#options.arrivals.look();
      void this.#options.share.apply();
      const journal = new StateRunJournal(home.state);
      const { keyRing, plans } = home;
      const tools = { home: onlyHome, journal, keyRing, plans, parts, clock };
      this.#known = await knownHome({
        ...tools,
        locations: home.locations(),
        failedArrivals: () => home.failedArrivals(),
      });
      await this.#tell(this.#known);
      await catchUp(this.#known, this.#options);
      this.#seen = clock.now();
    } catch (error) {
      log.error("The home could not be looked after", { error });
    }
  }

  async #tell(known: KnownHome): Promise<void> {
    const names = new Map((known.plans ?? []).map(({ plan }) => [plan.id, plan.name]));
    for (const run of (known.runs ?? []).filter((one) => this.#isNews(one))) {
      const plan = run.trigger.kind === "plan" ? run.trigger.plan : undefined;
      if (plan !== undefined) await this.#telling.tellRun(run, names.get(plan) ?? plan);
    }
    for (const { event, alert } of await this.#telling.check(known))
      this.#options.log.warn(alert.message, { event, alert: alert.id });
    // A channel that hangs holds up nothing.
    void this.#telling.deliver();
  }

  #isNews({ ended }: Run): boolean {
    return ended === undefined || this.#options.clock.now() - ended < tellRunsOf;
  }
}
