import type { Schedule } from "../model/schedule.ts";
import { delayOf } from "./delay-of.ts";
import { dueMoments } from "./due-moments.ts";
import { longestDelay } from "./longest-delay.ts";

/** A stretch of time in milliseconds since 1970, without `from` and with `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * When a schedule runs next, strictly after `after`; milliseconds since 1970. Undefined if not before
 * the year 3000.
 *
 * • A plan for a time of day runs exactly once on every day that there is, and by the wall clock: also
 * on days when clocks change (`dueMoments` says how).
 * • Jitter and the "system optimal" time move a run by a delay that depends on nothing but `seed` and
 * the run; never as far as the next run.
 * @param seed an installation's id and a plan's: homes and plans shall not start in the same second
 */
export function nextRun(schedule: Schedule, after: number, seed: string): number | undefined {
  const [run] = runsAfter(schedule, after, seed);
  return run;
}

/** Every run of a stretch of time, in order. */
export function runsBetween(schedule: Schedule, { from, to }: Stretch, seed: string): number[] {
  const runs: number[] = [];
  for (const run of runsAfter(schedule, from, seed)) {
    if (run > to) break;
    runs.push(run);
  }
  return runs;
}

/** The last run of a stretch of time; undefined if there is none in its last ten years. */
export function latestRun(
  schedule: Schedule,
  { from, to }: Stretch,
  seed: string,
): number | undefined {
  const earliest = Math.max(from, to - longestLookBack);
  const first = nextRun(schedule, earliest, seed);
  if (first === undefined || first > to) return undefined;
  // Frequent runs are found in the short stretches; rare ones cost little in the long.
  for (let length = hour; ; length *= 4) {
    const start = Math.max(earliest, to - length);
    const latest = runsBetween(schedule, { from: start, to }, seed).at(-1);
    if (latest !== undefined) return latest;
  }
}

const hour = 3_600_000;
/** Eight years are the longest between two 29ths of February. */
const longestLookBack = 10 * 366 * 24 * hour;

function* runsAfter(schedule: Schedule, after: number, seed: string): Generator<number, void> {
  const longest = longestDelay(schedule);
  const moments = dueMoments(schedule, after - longest * 1000);
  if (longest === 0) return yield* moments;
  let due: number | undefined;
  for (const next of moments) {
    if (due !== undefined) {
      const run = due + delayOf(seed, due, Math.min(longest, (next - due) / 1000 - 1)) * 1000;
      if (run > after) yield run;
    }
    due = next;
  }
}
