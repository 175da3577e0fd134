import { SafehouseError } from "#core/model/problem.ts";
import type { Run } from "#core/model/run.ts";
import { advanceRun } from "#core/run/advance-run.ts";
import { runState } from "#core/run/run-state.ts";
import { pause } from "./pause.ts";
import type { RunTools } from "./run-tools.ts";
import { settleDeadRuns } from "./settle-dead-runs.ts";

/** An owner hears of it within a second, and its steps have eight to stop. */
const longestInMs = 15_000;
const lookEveryMs = 100;

/**
 * Asks the process that carries a run out to end it, and waits until it has. Returns the run as it ended: it
 * may have been faster. Rejects with `usage` if it had ended before, and with `busy` if its owner does not
 * answer.
 */
export async function cancelRun(run: Run, tools: RunTools, signal: AbortSignal): Promise<Run> {
  const { journal, home, clock, startTimer } = tools;
  let now = run;
  await journal.change(home, run.id, (stored) => {
    if (stored === undefined || stored.ended !== undefined) throw alreadyEnded(stored ?? run);
    now = advanceRun(stored, { kind: "cancel-asked", at: clock.now() });
    return now;
  });
  const until = clock.now() + longestInMs;
  while (now.ended === undefined) {
    if (clock.now() > until) throw noAnswer(now);
    await pause(startTimer, lookEveryMs, signal);
    await settleDeadRuns(tools);
    await journal.change(home, run.id, (stored) => {
      now = stored ?? now;
      return undefined;
    });
  }
  return now;
}

function alreadyEnded(run: Run): SafehouseError {
  return new SafehouseError("usage", `The run ${run.id} has already ended: ${runState(run)}`, {
    subject: run.id,
  });
}

function noAnswer({ id, owner }: Run): SafehouseError {
  return new SafehouseError(
    "busy",
    `Process ${owner.pid} was asked to end the run ${id} and has not done so yet`,
    { subject: id, advice: `See what it does with: safehouse runs info ${id.slice(0, 8)}` },
  );
}
