import { isDeepStrictEqual } from "node:util";
import { describeRun, type DescribedRun } from "./describe-run.ts";
import { pause } from "./pause.ts";
import type { RunTools } from "./run-tools.ts";

const lookEveryMs = 500;

/**
 * Every run that is open, and then each one again whenever something about it has changed, until the signal
 * fires; a run's last change is its end. Whichever process carries them out.
 */
export async function* watchRuns(
  { journal, home, startTimer }: RunTools,
  signal: AbortSignal,
): AsyncGenerator<DescribedRun, void, undefined> {
  let open = new Map<string, DescribedRun>();
  while (!signal.aborted) {
    const now = new Map(
      (await journal.open(home)).map((run) => [run.id, describeRun(run)] as const),
    );
    const isGone = [...open.keys()].some((id) => !now.has(id));
    const ended = isGone ? (await journal.list(home)).map(describeRun) : [];
    yield* ended.filter(({ id }) => open.has(id) && !now.has(id));
    yield* [...now.values()].filter((run) => !isDeepStrictEqual(run, open.get(run.id)));
    open = now;
    await pause(startTimer, lookEveryMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
