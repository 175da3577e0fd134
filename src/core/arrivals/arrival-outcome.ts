import type { Arrival } from "./arrival.ts";

const minute = 60_000;
/** What is away is often away for the night; nobody has to wait for a day after it is back. */
const pauses = [1, 5, 15, 60, 180].map((minutes) => minutes * minute);

/** An arrival was read, and is good. @param deliverTo ids of the locations that are to get a copy */
export function wasChecked(arrival: Arrival, deliverTo: readonly string[]): Arrival {
  const state = deliverTo.length === 0 ? "done" : "undelivered";
  return { ...arrival, state, waiting: deliverTo, attempts: 0, nextAt: 0, message: undefined };
}

/** What became of delivering an arrival to one location. */
export interface DeliveredTo {
  readonly location: string;
  readonly arrived: boolean;
  /** Why not. */
  readonly message: string | undefined;
  /** It would fail again. */
  readonly isFinal: boolean;
}

/** An arrival was delivered, or it was tried. */
export function wasDelivered(
  arrival: Arrival,
  outcomes: readonly DeliveredTo[],
  now: number,
): Arrival {
  const arrivedAt = new Set(
    outcomes.filter(({ arrived }) => arrived).map(({ location }) => location),
  );
  const waiting = arrival.waiting.filter((location) => !arrivedAt.has(location));
  if (waiting.length === 0) return { ...arrival, state: "done", waiting, message: undefined };
  const failed = outcomes.filter(({ arrived }) => !arrived);
  const message = failed
    .map((one) => `It did not reach ${one.location}: ${one.message ?? "it failed"}`)
    .join("; ");
  const isOver = failed.length > 0 && failed.every(({ isFinal }) => isFinal);
  const next = { ...arrival, waiting, message };
  return isOver ? { ...next, state: "failed" } : tryAgain(next, message, now);
}

/** What came next for an arrival could not be done, and may be later. */
export function tryAgain(arrival: Arrival, message: string, now: number): Arrival {
  const pause = pauses[Math.min(arrival.attempts, pauses.length - 1)] ?? minute;
  return { ...arrival, attempts: arrival.attempts + 1, nextAt: now + pause, message };
}

/** Nothing more is tried with an arrival. */
export function hasFailed(arrival: Arrival, message: string): Arrival {
  return { ...arrival, state: "failed", message };
}
