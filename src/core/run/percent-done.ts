import type { Step } from "../model/run.ts";

/** Whole percent of a step; below 100 until it is done, undefined if nobody knows how much there is to do. */
export function percentDone({ state, progress }: Step): number | undefined {
  if (state === "done") return 100;
  if (progress?.totalBytes === undefined || progress.totalBytes <= 0) return undefined;
  const percent = Math.floor((progress.bytes / progress.totalBytes) * 100);
  return Math.max(0, Math.min(99, percent));
}
