import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { RunReason } from "#core/model/plan-record.ts";
import { Scheduler } from "#jobs/schedule/scheduler.ts";
import type { PlanRunEnd, RunPlan, SchedulerTools } from "#jobs/schedule/scheduler-tools.ts";
import { openState } from "#state/open-state.ts";
import { StatePlanRecords } from "#state/plan-records.ts";
import { SettingsPlanStore } from "#state/plan-store.ts";
import { Settings } from "#state/settings.ts";
import { ManualTime } from "./manual-time.ts";

/** One run that a scheduler began. */
export interface BegunRun {
  readonly plan: string;
  readonly reason: RunReason;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly due: number;
  /** Undefined until it has ended; a killed run never ends. */
  end: PlanRunEnd["outcome"] | "stopped" | undefined;
  /** When it ended or was killed. */
  until: number | undefined;
}

/** A data directory on disk, a clock that passes by hand, and the schedulers that look after its plans. */
export class SchedulerBench {
  readonly time = new ManualTime();
  readonly dataDirectory = mkdtempSync(join(tmpdir(), "safehouse-scheduler-"));
  readonly runs: BegunRun[] = [];
  readonly notices: string[] = [];
  /** How long a run takes, in milliseconds. */
  lasts = 20 * 60_000;
  /** How each run is to end, by its number; a run that is to throw has an error. */
  ending: (run: number) => PlanRunEnd | Error = () => ({ outcome: "succeeded" });
  lastBackupOf: SchedulerTools["lastBackupOf"] = async () => undefined;

  constructor(context: TestContext) {
    context.after(() => rmSync(this.dataDirectory, { recursive: true }));
  }

  /** Starts a scheduler on a state that it opens itself, as after a restart. */
  async start(): Promise<StartedScheduler> {
    const started = this.startWithoutWaiting();
    await started.looked;
    return started;
  }

  /** The same, before it has looked what is due. */
  startWithoutWaiting(): StartedScheduler {
    const opened = this.open();
    const life = { ended: false };
    const { time } = this;
    const scheduler = new Scheduler({
      plans: opened.store,
      records: opened.records,
      installation: "9a1d3f5c",
      clock: time.clock,
      startTimer: (milliseconds, callback) =>
        time.startTimer(milliseconds, () => (life.ended ? undefined : callback())),
      runPlan: this.#runPlan(life),
      lastBackupOf: (plan) => this.lastBackupOf(plan),
      notice: (sentence) => void this.notices.push(sentence),
    });
    return {
      scheduler,
      looked: scheduler.refresh(),
      stop: async () => {
        await scheduler[Symbol.asyncDispose]();
        opened.close();
      },
      kill: () => {
        life.ended = true;
        for (const run of this.runs) run.until ??= time.clock.now();
        opened.close();
      },
    };
  }

  /** The stored plans and their records. */
  open() {
    const { dataDirectory } = this;
    const { clock } = this.time;
    const notice = (sentence: string): void => void this.notices.push(sentence);
    const state = openState({ dataDirectory, clock, notice });
    const settings = new Settings(dataDirectory, state);
    const records = new StatePlanRecords(state, "home");
    const store = new SettingsPlanStore({ home: "home", settings, records, clock });
    return { store, records, settings, close: () => state[Symbol.dispose]() };
  }

  async addPlan(id: string, schedule: object, more: object = {}): Promise<void> {
    const { store, close } = this.open();
    const selection = { include: "everything" };
    await store.add({ id, name: id, selection, schedule, ...more });
    close();
  }

  /** Wall-clock times at which a plan began, with the offset from UTC. */
  timesOf(plan: string, zone: string): string[] {
    return this.runs
      .filter((run) => run.plan === plan)
      .map(({ at }) =>
        Temporal.Instant.fromEpochMilliseconds(at)
          .toZonedDateTimeISO(zone)
          .toString({ smallestUnit: "minute", timeZoneName: "never" }),
      );
  }

  #runPlan(life: { readonly ended: boolean }): RunPlan {
    return ({ id: plan }, { due, reason, signal }) => {
      const { time } = this;
      const ending = this.ending(this.runs.length);
      const run: BegunRun = {
        plan,
        reason,
        due,
        at: time.clock.now(),
        end: undefined,
        until: undefined,
      };
      this.runs.push(run);
      return new Promise((resolve, reject) => {
        const cancel = time.startTimer(this.lasts, () => {
          if (life.ended) return;
          run.until = time.clock.now();
          run.end = ending instanceof Error ? "failed" : ending.outcome;
          if (ending instanceof Error) reject(ending);
          else resolve(ending);
        });
        signal.addEventListener("abort", () => {
          if (run.end !== undefined) return;
          cancel();
          run.until = time.clock.now();
          run.end = "stopped";
          reject(signal.reason as Error);
        });
      });
    };
  }
}

export interface StartedScheduler {
  readonly scheduler: Scheduler;
  /** Its first look. */
  readonly looked: Promise<void>;
  /** Ends it as a server that is told to stop. */
  readonly stop: () => Promise<void>;
  /** Ends it as `kill -9` does. */
  readonly kill: () => void;
}
