import type { Schedule } from "../model/schedule.ts";
import { nextRun } from "../schedule/next-run.ts";

const day = 24 * 60 * 60_000;
/** Enough to meet the longest pause of a week, and of a year by months. */
const runsLookedAt = 12;

/**
 * How old the last good copy of a plan may become if nobody says otherwise, in milliseconds: the longest pause among
 * its next runs and a day, in which retries may succeed. Undefined for a plan that runs only when asked.
 * @param now milliseconds since 1970
 * @param seed see `nextRun`
 */
export function defaultLongestAge(
  schedule: Schedule | undefined,
  now: number,
  seed: string,
): number | undefined {
  if (schedule === undefined) return undefined;
  let longest: number | undefined;
  let last = nextRun(schedule, now, seed);
  for (let count = 0; count < runsLookedAt && last !== undefined; count += 1) {
    const next = nextRun(schedule, last, seed);
    if (next !== undefined) longest = Math.max(longest ?? 0, next - last);
    last = next;
  }
  return longest === undefined ? undefined : longest + day;
}
