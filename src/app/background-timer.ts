import type { StartTimer } from "#jobs/runs/run-tools.ts";

/** A timer that alone does not keep the process from ending. */
export const backgroundTimer: StartTimer = (milliseconds, callback) => {
  const timer = setTimeout(callback, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
};
