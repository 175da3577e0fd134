import type { Run, Step } from "../model/run.ts";
import { runState } from "../run/run-state.ts";
import type { OwedCopy } from "./owed-copies.ts";

const firstPauseInMs = 30_000;
const longestPauseInMs = 6 * 60 * 60_000;

/**
 * True if an owed copy may be delivered now: nobody is at it, nothing else is on its way to that location, and the pause
 * since the last attempt is over. Pauses double with each attempt that failed, up to six hours, and are cut to between
 * half and all so that many do not come back together. What a person has cancelled is not begun again by itself, and what
 * had arrived is not brought back: somebody has removed it. What only waits to go on from there is there.
 * @param runs newest first, as the journal lists them
 * @param now milliseconds since 1970
 */
export function mayDeliver(
  { slug, to, waits }: OwedCopy,
  runs: readonly Run[],
  now: number,
): boolean {
  const delivering = runs.filter(({ steps }) =>
    steps.some(({ kind, location }) => kind === "deliver" && location === to),
  );
  if (delivering.some(({ ended }) => ended === undefined)) return false;
  const attempts = runs.filter((run) => run.backup?.slug === slug && bringing(run, to).length > 0);
  const [newest] = attempts;
  if (newest === undefined) return true;
  if (attempts.some(({ ended }) => ended === undefined)) return false;
  const missed = attempts.filter((run) => bringing(run, to).every(({ state }) => state !== "done"));
  const hadArrived = missed.length < attempts.length;
  if (waits !== true && (hadArrived || runState(newest) === "cancelled")) return false;
  const [last] = missed;
  if (last === undefined) return true;
  const pause = Math.min(firstPauseInMs * 2 ** (missed.length - 1), longestPauseInMs);
  return now - (last.ended ?? now) >= (pause * (1 + chanceOf(last))) / 2;
}

/** The steps by which its backup was to come to a location. */
function bringing({ steps }: Run, location: string): readonly Step[] {
  return steps.filter(
    (step) => step.location === location && (step.kind === "deliver" || step.kind === "make"),
  );
}

/** From 0 up to 1, the same for a run each time it is asked. */
function chanceOf({ id }: Run): number {
  return Number.parseInt(id.slice(0, 6), 16) / 2 ** 24 || 0;
}
