import { isDeepStrictEqual } from "node:util";
import type { Run } from "#core/model/run.ts";
import { describeRun, type DescribedRun } from "./describe-run.ts";
import { pause } from "./pause.ts";
import type { RunTools } from "./run-tools.ts";

const lookEveryMs = 500;
/** What ended so long before a look may be news: clocks are set, and a process may be slow to write. */
const tellEndsOfMs = 10_000;

/**
 * Every run that is open, and then each one again whenever something about it has changed, until the signal
 * fires; a run's last change is its end, also of one that nobody has seen open. Whichever process carries them out.
 */
export async function* watchRuns(
  { journal, home, clock, startTimer }: RunTools,
  signal: AbortSignal,
): AsyncGenerator<DescribedRun, void, undefined> {
  const endedRuns = (): Promise<readonly Run[]> =>
    journal.endedSince(home, clock.now() - tellEndsOfMs);
  let open = new Map<string, DescribedRun>();
  // What has ended before somebody watches is no news.
  let told = new Set((await endedRuns()).map(({ id }) => id));
  while (!signal.aborted) {
    const now = new Map(
      (await journal.open(home)).map((run) => [run.id, describeRun(run)] as const),
    );
    const recent = await endedRuns();
    const isMissing = [...open.keys()].some(
      (id) => !now.has(id) && !recent.some((run) => run.id === id),
    );
    const all = isMissing ? await journal.list(home) : recent;
    const isNews = ({ id, ended }: Run): boolean =>
      ended !== undefined && !told.has(id) && (open.has(id) || recent.some((run) => run.id === id));
    yield* all.filter(isNews).map(describeRun);
    yield* [...now.values()].filter((run) => !isDeepStrictEqual(run, open.get(run.id)));
    told = new Set(recent.map(({ id }) => id));
    open = now;
    await pause(startTimer, lookEveryMs, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }
}
