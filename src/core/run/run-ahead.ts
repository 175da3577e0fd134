import type { Run, Step, StepKind } from "../model/run.ts";

/** What needs the home for itself. */
const alone: readonly StepKind[] = ["make", "restore", "undo"];

/**
 * The run that keeps another of the same home from making now: one that makes or restores, else the oldest of
 * those that wait to make. Undefined if it is this one's turn. A run that pauses before another attempt lets
 * others pass, and one that leaves the home alone is in nobody's way.
 * @param open runs of the home that have not ended
 * @param now milliseconds since 1970
 */
export function runAhead(run: Run, open: readonly Run[], now: number): Run | undefined {
  const others = open.filter(({ id }) => id !== run.id);
  const atWork = others.find(
    ({ steps: [first] }) => first?.state === "running" && alone.includes(first.kind),
  );
  if (atWork !== undefined) return atWork;
  const older = others.filter((other) => isReady(other, now) && isOlder(other, run));
  return older.toSorted((a, b) => (isOlder(a, b) ? -1 : 1))[0];
}

function isReady(run: Run, now: number): boolean {
  const make = makeOf(run);
  if (make?.state === "waiting-to-retry") return (make.retryAt ?? 0) <= now;
  return make?.state === "queued";
}

function makeOf({ steps: [first] }: Run): Step | undefined {
  return first?.kind === "make" ? first : undefined;
}

/** A total order, so that of several that wait exactly one is the first. */
function isOlder(a: Run, b: Run): boolean {
  return a.created === b.created ? a.id < b.id : a.created < b.created;
}
