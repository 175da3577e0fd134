import type { StartTimer } from "./runs/run-tools.ts";

export interface Patience<Result> {
  /** What makes it worth to go on without the others. */
  readonly isEnough: (result: Result) => boolean;
  /** For how long the others are waited for from then on. */
  readonly patienceInMs: number;
  readonly startTimer: StartTimer;
}

/**
 * Waits for works that are done side by side; once one of them has come to enough, for the others only a while longer.
 * Those that were not waited for are left out. Rejects as the first of them does.
 */
export async function withinPatience<Result>(
  works: readonly Promise<Result>[],
  { isEnough, patienceInMs, startTimer }: Patience<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>();
  const over = Promise.withResolvers<void>();
  let stop: (() => void) | undefined;
  const waits = works.map(async (work, at) => {
    const result = await work;
    results.set(at, result);
    if (isEnough(result)) stop ??= startTimer(patienceInMs, over.resolve);
  });
  try {
    await Promise.race([Promise.all(waits), over.promise]);
  } finally {
    stop?.();
  }
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}
