import type { StartTimer } from "./run-tools.ts";

/** Waits; rejects with the signal's reason when that fires. */
export function pause(
  startTimer: StartTimer,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = startTimer(milliseconds, () => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    });
    function giveUp(): void {
      stop();
      reject(signal.reason as Error);
    }
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
}
