import type { Run, RunOwner } from "#core/model/run.ts";
import { advanceRun } from "#core/run/advance-run.ts";
import type { RunTools } from "./run-tools.ts";

/** An owner that we cannot see counts as dead after this much silence. */
const longestSilenceInMs = 60_000;

/** Ends the runs whose owners are dead, as what they have come to. Returns them. */
export async function settleDeadRuns(tools: RunTools): Promise<readonly Run[]> {
  const dead = await deadRuns(tools);
  const settled: Run[] = [];
  for (const run of dead) {
    const ended = await takeFromDead(run, tools, undefined);
    if (ended !== undefined) settled.push(ended);
  }
  return settled;
}

/**
 * Takes over the runs whose owners are dead, so that they can go on with `executeRun`: what had not begun,
 * and what was being delivered, verified or pruned, from its beginning. What was being made has failed.
 * Returns the runs that now belong to this process; those of which nothing is left to do are ended.
 */
export async function adoptDeadRuns(tools: RunTools): Promise<readonly Run[]> {
  const dead = await deadRuns(tools);
  const adopted: Run[] = [];
  for (const run of dead) {
    const taken = await takeFromDead(run, tools, tools.processes.self);
    if (taken !== undefined && taken.ended === undefined) adopted.push(taken);
  }
  return adopted;
}

async function deadRuns({ journal, home, processes, clock }: RunTools): Promise<readonly Run[]> {
  const open = await journal.open(home);
  return open.filter(({ owner, beat }) => {
    const life = processes.lifeOf(owner);
    if (life !== "unknown") return life === "dead";
    return clock.now() - beat > longestSilenceInMs;
  });
}

/** Undefined if somebody was faster, or the owner has shown that it lives. */
async function takeFromDead(
  dead: Run,
  { journal, home, clock, lookAfterDeath }: RunTools,
  heir: RunOwner | undefined,
): Promise<Run | undefined> {
  const { made, texts } = await lookAfterDeath(dead);
  const at = clock.now();
  let taken: Run | undefined;
  await journal.change(home, dead.id, (stored) => {
    taken = undefined;
    if (stored === undefined || stored.ended !== undefined || stored.beat !== dead.beat)
      return undefined;
    const stopped = advanceRun(stored, { kind: "owner-died", at, made, aftermath: texts });
    taken = advanceRun(
      stopped,
      heir === undefined ? { kind: "abandoned", at } : { kind: "adopted", at, owner: heir },
    );
    return taken;
  });
  return taken;
}
