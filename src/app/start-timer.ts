import type { StartTimer } from "#jobs/runs/run-tools.ts";

/** A timer of the system. */
export const startTimer: StartTimer = (milliseconds, callback) => {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
};
