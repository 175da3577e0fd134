import { SafehouseError } from "#core/model/problem.ts";
import type { Run } from "#core/model/run.ts";
import { newRun, type RunRequest } from "#core/run/new-run.ts";
import { percentDone } from "#core/run/percent-done.ts";
import { runAhead } from "#core/run/run-ahead.ts";
import type { RunTools } from "./run-tools.ts";
import { settleDeadRuns } from "./settle-dead-runs.ts";

/** What is wanted, before it is a run. */
export interface RunWish extends Pick<
  RunRequest,
  "trigger" | "makeAt" | "backup" | "deliverTo" | "verify" | "pruneAt"
> {
  /** Wait while another run makes; else reject with `busy`. Of no matter for a run that makes nothing. */
  readonly queue: boolean;
}

/** Puts a run of this process into the journal. Carry it out with `executeRun`. */
export async function enqueueRun(wish: RunWish, tools: RunTools): Promise<Run> {
  const { journal, home, clock, processes, newId } = tools;
  await settleDeadRuns(tools);
  const created = clock.now();
  const run = newRun({ ...wish, home, id: newId(), owner: processes.self, created });
  await journal.change(home, run.id, (_, open) => {
    const mayNotWait = run.steps[0]?.kind === "make" && !wish.queue;
    const ahead = mayNotWait ? runAhead(run, open, created) : undefined;
    if (ahead !== undefined) throw alreadyRunning(ahead);
    return run;
  });
  return run;
}

function alreadyRunning(ahead: Run): SafehouseError {
  const [make] = ahead.steps;
  const percent = make && percentDone(make);
  const { pid } = ahead.owner;
  const since = new Date(ahead.created).toISOString();
  const soFar = percent === undefined ? "" : `, ${percent} %`;
  return new SafehouseError(
    "busy",
    `A backup has been running in process ${pid} since ${since}${soFar}`,
    {
      subject: ahead.id,
      advice: `Wait until it has ended, or cancel it with: safehouse runs cancel ${ahead.id.slice(0, 8)}`,
      facts: { pid, since, run: ahead.id, ...(percent === undefined ? {} : { percent }) },
    },
  );
}
