import type { Run } from "#core/model/run.ts";
import { advanceRun } from "#core/run/advance-run.ts";
import { canGoOn } from "#core/run/can-go-on.ts";
import type { RunTools } from "./run-tools.ts";

/** An owner that we cannot see counts as dead after this much silence. */
const longestSilenceInMs = 60_000;

/**
 * Ends the runs whose owners are dead, as what they have come to, and returns them. Where a server looks after the
 * home, those that can go on are left to it.
 */
export async function settleDeadRuns(tools: RunTools): Promise<readonly Run[]> {
  const dead = await deadRuns(tools);
  const settled: Run[] = [];
  for (const run of dead) {
    const ended = await takeFromDead(run, tools, (stopped, at) =>
      canGoOn(stopped) && tools.hasServer()
        ? undefined
        : advanceRun(stopped, { kind: "abandoned", at }),
    );
    if (ended !== undefined) settled.push(ended);
  }
  return settled;
}

/**
 * Takes over a run whose owner is dead, so that this process can go on with `executeRun`: what was being delivered,
 * verified or pruned begins anew. Undefined if it cannot go on; then it is ended as what it has come to.
 */
export async function adoptDeadRun(id: string, tools: RunTools): Promise<Run | undefined> {
  const run = (await deadRuns(tools)).find((dead) => dead.id === id);
  const owner = tools.processes.self;
  const taken =
    run &&
    (await takeFromDead(run, tools, (stopped, at) =>
      advanceRun(
        stopped,
        canGoOn(stopped) ? { kind: "adopted", at, owner } : { kind: "abandoned", at },
      ),
    ));
  return taken?.ended === undefined ? taken : undefined;
}

/** Runs that have not ended although their owners have. */
export async function deadRuns({
  journal,
  home,
  processes,
  clock,
}: Pick<RunTools, "journal" | "home" | "processes" | "clock">): Promise<readonly Run[]> {
  const open = await journal.open(home);
  return open.filter(({ owner, beat }) => {
    const life = processes.lifeOf(owner);
    if (life !== "unknown") return life === "dead";
    return clock.now() - beat > longestSilenceInMs;
  });
}

/**
 * @param decide what becomes of the run now that its steps have stopped; undefined leaves it as it is
 * @returns undefined if it was left, if somebody was faster, or if the owner has shown that it lives
 */
async function takeFromDead(
  dead: Run,
  { journal, home, clock, lookAfterDeath }: RunTools,
  decide: (stopped: Run, at: number) => Run | undefined,
): Promise<Run | undefined> {
  const { made, texts } = await lookAfterDeath(dead);
  const at = clock.now();
  let taken: Run | undefined;
  await journal.change(home, dead.id, (stored) => {
    taken = undefined;
    if (stored === undefined || stored.ended !== undefined || stored.beat !== dead.beat)
      return undefined;
    taken = decide(advanceRun(stored, { kind: "owner-died", at, made, aftermath: texts }), at);
    return taken;
  });
  return taken;
}
