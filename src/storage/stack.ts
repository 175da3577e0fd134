import { setTimeout as pause } from "node:timers/promises";
import { withMarker } from "./layers/marker.ts";
import { withProgress } from "./layers/progress.ts";
import type { ReportTransfer } from "./layers/progress.ts";
import { readOnly } from "./layers/read-only.ts";
import { withRetry } from "./layers/retry.ts";
import { withStallTimeout } from "./layers/stall-timeout.ts";
import { withThrottle } from "./layers/throttle.ts";
import type { StorageProvider } from "./provider.ts";

export interface StackOptions {
  /** Id that the place's marker must carry. Without it no marker is asked for. */
  readonly marker?: string;
  readonly readOnly?: boolean;
  /** Seconds without any progress; 120 if not given. */
  readonly stallSeconds?: number;
  /** How often a flaky place is tried; 5 times if not given. */
  readonly attempts?: number;
  /** Bytes per second that may move at a moment; undefined for no limit. */
  readonly rateAt?: ((now: number) => number | undefined) | undefined;
  readonly report?: ReportTransfer;
}

/**
 * A provider with its layers, in the only order that is right, from the inside out: the stall timeout
 * sees single attempts; retry repeats them where that can help; the throttle counts what is repeated, and its pauses are no stall; the marker is looked for with retries; progress sees a body
 * from its new beginning; read-only stops a change before anything else does.
 */
export function stackStorage(provider: StorageProvider, options: StackOptions): StorageProvider {
  const limitInMs = (options.stallSeconds ?? 120) * 1000;
  let storage = withStallTimeout(provider, { limitInMs, startTimer });
  // A folder that is missing will not come back while somebody waits for a list of it.
  if (provider.features.flaky)
    storage = withRetry(storage, { pause: wait, random: Math.random, attempts: options.attempts });
  const { rateAt } = options;
  if (rateAt !== undefined) storage = withThrottle(storage, { rateAt, now: Date.now, pause: wait });
  if (options.marker !== undefined) storage = withMarker(storage, options.marker);
  if (options.report !== undefined) storage = withProgress(storage, options.report);
  return options.readOnly === true ? readOnly(storage) : storage;
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal });
}

function startTimer(milliseconds: number, callback: () => void): () => void {
  const timer = setTimeout(callback, milliseconds);
  return () => clearTimeout(timer);
}
