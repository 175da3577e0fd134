import { setTimeout as pause } from "node:timers/promises";
import { settledOrAborted } from "../interruptible.ts";

/** Waits; rejects with the signal's reason when that is aborted. */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await settledOrAborted(pause(milliseconds, undefined, { signal }), signal);
}
