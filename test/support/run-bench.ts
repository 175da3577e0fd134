import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Run } from "#core/model/run.ts";
import { enqueueRun, type RunWish } from "#jobs/runs/enqueue-run.ts";
import { executeRun, type RunOrder, type RunOutcome } from "#jobs/runs/execute-run.ts";
import type { Aftermath, RunTools } from "#jobs/runs/run-tools.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import { openState } from "#state/open-state.ts";
import { someOwner } from "./any-run.ts";
import { ManualTime } from "./manual-time.ts";

export const wish: RunWish = {
  trigger: { kind: "manual" },
  makeAt: "here",
  deliverTo: [],
  verify: false,
  pruneAt: [],
  queue: true,
};

/** Runs of one home in a real journal, under a time of their own. */
export class RunBench {
  readonly time = new ManualTime();
  readonly notices: string[] = [];
  /** Numbers of processes that have died. */
  readonly dead = new Set<number>();
  /** Numbers of processes that cannot be seen. */
  readonly unseen = new Set<number>();
  /** A server looks after the home. */
  hasServer = false;
  aftermath: Aftermath = {
    made: false,
    texts: { here: "its leftovers were removed", nas: "its leftovers were removed" },
  };
  readonly #context: TestContext;
  readonly #folder = mkdtempSync(join(tmpdir(), "safehouse-runs-"));
  #ids = 0;

  constructor(context: TestContext) {
    this.#context = context;
    context.after(() => rmSync(this.#folder, { recursive: true }));
  }

  /** What a process of that number works with; each has its own way to the journal. */
  process(pid = someOwner.pid): RunTools {
    const { clock, startTimer } = this.time;
    const notice = (sentence: string): void => void this.notices.push(sentence);
    const state = openState({ dataDirectory: this.#folder, clock, notice });
    this.#context.after(() => state[Symbol.dispose]());
    return {
      journal: new StateRunJournal(state),
      home: "home",
      clock,
      startTimer,
      processes: {
        self: { ...someOwner, pid },
        lifeOf: (owner) => {
          if (this.unseen.has(owner.pid)) return "unknown";
          return this.dead.has(owner.pid) ? "dead" : "alive";
        },
      },
      random: () => 0,
      newId: () => (this.#ids += 1).toString(16).padStart(32, "0"),
      lookAfterDeath: async () => this.aftermath,
      hasServer: () => this.hasServer,
      notice,
    };
  }

  /** How a run is carried out that tries each step three times. */
  order(tools: RunTools, more: Partial<RunOrder>): RunOrder {
    return {
      ...tools,
      handlers: {},
      retry: () => ({ attempts: 3, firstPauseInMs: 60_000, longestPauseInMs: 600_000 }),
      limits: { stallInMs: 300_000, stopInMs: 8000 },
      signal: new AbortController().signal,
      waitsFor: () => undefined,
      ...more,
    };
  }

  /** Begins a run; it goes on while time passes. */
  async start(
    tools: RunTools,
    wanted: Partial<RunWish>,
    more: Partial<RunOrder>,
  ): Promise<{ readonly run: Run; readonly ended: Promise<RunOutcome> }> {
    const run = await enqueueRun({ ...wish, ...wanted }, tools);
    return { run, ended: executeRun(run, this.order(tools, more)) };
  }
}

/** A run as the journal has it. */
export async function stored({ journal, home }: RunTools, { id }: Run): Promise<Run> {
  const run = (await journal.list(home)).find((listed) => listed.id === id);
  if (run === undefined) throw new Error(`The journal does not know ${id}`);
  return run;
}

/** `make done`, `verify failed` … */
export function statesOf({ steps }: Run): string[] {
  return steps.map(({ kind, location, state }) => `${kind} ${location} ${state}`);
}
