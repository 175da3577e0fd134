import { SafehouseError } from "#core/model/problem.ts";
import { dueRun, type RunDecision } from "#core/plan/due-run.ts";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { historyOf } from "#core/plan/plan-record.ts";
import { planSeed } from "#core/plan/plan-seed.ts";
import type { DamagedPlan } from "../plan-store-port.ts";
import { findPlan } from "../plan/find-plan.ts";
import { stepErrorOf } from "../runs/step-error.ts";
import { notePlanRun, type NotedRun } from "./note-plan-run.ts";
import { presentRecord } from "./present-record.ts";
import type { PlanOccasion, PlanRunEnd, SchedulerTools } from "./scheduler-tools.ts";

const minute = 60_000;
/** So soon it is noticed that a clock was set, a machine slept, or a person changed the settings by hand. */
const longestSleep = 60 * minute;
/** Until plans or records that could not be read are read again. */
const pauseAfterTrouble = minute;

/**
 * Runs the plans of a home when they are due, by what `dueRun` decides.
 *
 * • Everything that decides lies in the store, the records and the clock, and is read anew at each look; a
 * restart at any moment neither loses a run nor doubles one.
 * • One plan never runs twice at once; several plans may run beside each other, the one that was due first
 * is begun first.
 * • A run that fails or throws, and plans or records that cannot be read, end nothing but themselves.
 * • One timer is set at most. Dispose of it: that stops what is at work and waits for it.
 */
export class Scheduler implements AsyncDisposable {
  readonly #tools: SchedulerTools;
  readonly #stop = new AbortController();
  /** Ids of plans that run. */
  readonly #atWork = new Set<string>();
  /** What has to come to its end before this may. */
  readonly #pending = new Set<Promise<void>>();
  #cancelTimer: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #lookAgain = false;
  /** Settles when nothing is being decided. */
  #turn: Promise<unknown> = Promise.resolve();
  /** What has been complained of; each thing once, for as long as it lasts. */
  #complaints: ReadonlySet<string> = new Set();

  /** Nothing happens before the first `refresh`. */
  constructor(tools: SchedulerTools) {
    this.#tools = tools;
  }

  /**
   * Looks what is due, begins it, and sets the timer for the next look. To be called at start and after
   * each change of a plan. Resolves when what is due has begun; never rejects.
   */
  refresh(): Promise<void> {
    this.#lookAgain = true;
    this.#looking ??= this.#lookUntilNothingIsNew();
    return this.#looking;
  }

  /**
   * Runs a plan now, also one that is not enabled; what was due is dealt with by it. Resolves with its end.
   * Rejects with `not-found`, with `usage` for a plan that is damaged, and with `busy` if it runs already.
   */
  async run(id: string): Promise<PlanRunEnd> {
    const begun = this.#inTurn(() => this.#beginAsked(id));
    return (await this.#waitedFor(begun)).end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new SafehouseError("cancelled", "The scheduler was stopped"));
    this.#cancelTimer?.();
    await this.#looking;
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async #beginAsked(id: string): Promise<BegunRun> {
    const plan = await findPlan({ store: this.#tools.plans }, id);
    this.#stop.signal.throwIfAborted();
    if (this.#atWork.has(id))
      throw new SafehouseError("busy", `Plan ${id} runs already`, { subject: id });
    const due = this.#tools.clock.now();
    return this.#begin(plan, { due, reason: "asked" });
  }

  async #lookUntilNothingIsNew(): Promise<void> {
    let sleep = longestSleep;
    while (this.#lookAgain && !this.#stop.signal.aborted) {
      this.#lookAgain = false;
      sleep = await this.#lookSafely();
    }
    this.#looking = undefined;
    this.#cancelTimer?.();
    if (this.#stop.signal.aborted) return;
    this.#cancelTimer = this.#tools.startTimer(sleep, () => void this.refresh());
  }

  async #lookSafely(): Promise<number> {
    try {
      return await this.#inTurn(() => this.#look());
    } catch (error) {
      this.#complain([`The plans could not be looked at: ${stepErrorOf(error).message}`]);
      return pauseAfterTrouble;
    }
  }

  /** Begins what is due. Returns the milliseconds until the next look. */
  async #look(): Promise<number> {
    const { plans, damaged } = await this.#tools.plans.read();
    const idle = plans.filter(({ plan }) => !this.#atWork.has(plan.id));
    const decided: Decided[] = [];
    for (const { plan } of idle) decided.push({ plan, decision: await this.#decide(plan) });
    this.#complain(damaged.map(wordDamaged));
    for (const { plan, due, reason } of decided.flatMap(asDue).toSorted((a, b) => a.due - b.due))
      if (!this.#stop.signal.aborted) await this.#begin(plan, { due, reason });
    const now = this.#tools.clock.now();
    const next = decided.map(({ decision }) => (decision.run ? undefined : decision.nextAt));
    const pauses = next.map((at) => (at === undefined ? longestSleep : Math.max(at - now, 0)));
    return Math.min(longestSleep, ...pauses);
  }

  async #decide(plan: HomePlan): Promise<RunDecision> {
    const { clock, installation } = this.#tools;
    const record = await presentRecord(plan, this.#tools);
    return dueRun(plan, historyOf(record, planSeed(installation, plan.id)), clock.now());
  }

  /** Resolves when the run is noted and has begun. */
  async #begin(plan: HomePlan, occasion: Omit<PlanOccasion, "signal">): Promise<BegunRun> {
    this.#atWork.add(plan.id);
    try {
      const { signal } = this.#stop;
      const run = await notePlanRun(plan, { ...occasion, signal }, this.#tools);
      return { end: this.#waitedFor(this.#carryOut(plan, run)) };
    } catch (error) {
      this.#atWork.delete(plan.id);
      throw error;
    }
  }

  async #carryOut({ id }: HomePlan, run: NotedRun): Promise<PlanRunEnd> {
    const end = await run.carryOut();
    this.#atWork.delete(id);
    void this.refresh();
    return end;
  }

  /** A record that says "runs" must be by a plan that is at work, or by a process that is dead. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #waitedFor<Result>(work: Promise<Result>): Promise<Result> {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#pending.add(settled);
    void settled.then(() => this.#pending.delete(settled));
    return work;
  }

  #complain(sentences: readonly string[]): void {
    for (const sentence of sentences)
      if (!this.#complaints.has(sentence)) this.#tools.notice(sentence);
    this.#complaints = new Set(sentences);
  }
}

interface BegunRun {
  readonly end: Promise<PlanRunEnd>;
}

interface Decided {
  readonly plan: HomePlan;
  readonly decision: RunDecision;
}

function asDue({ plan, decision }: Decided) {
  return decision.run ? [{ plan, due: decision.dueAt, reason: decision.reason }] : [];
}

function wordDamaged({ id, error }: DamagedPlan): string {
  return `Plan ${id} cannot be read and does not run: ${error.message}`;
}
