import { StorageError } from "../errors.ts";
import type { StorageProvider } from "../provider.ts";

export interface RetryTools {
  /** Waits; rejects with the signal's reason when that is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number;
  /** How often something is tried, 5 times at most and if not given. */
  readonly attempts?: number | undefined;
}

/**
 * Tries again what failed for a reason that may pass: five attempts, with pauses of up to 0.5, 1, 2
 * and 4 s, each cut by chance to between half and all of it so that many clients do not come back
 * together.
 *
 * A body is opened anew for each attempt. An object that is written piece by piece is retried only up
 * to its first byte, and a read only up to its first chunk. Listing is left to providers, which can
 * ask for a single page again.
 */
export function withRetry(inner: StorageProvider, tools: RetryTools): StorageProvider {
  const pauses = pausesInMs.slice(0, (tools.attempts ?? mostAttempts) - 1);
  async function retry<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    for (const longest of pauses) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof StorageError && error.worthRetrying)) throw error;
        await tools.pause((longest * (1 + tools.random())) / 2, signal);
      }
    }
    return work();
  }
  const matches = inner.matches?.bind(inner);
  const discard = inner.discard?.bind(inner);
  return {
    kind: inner.kind,
    features: inner.features,
    write: (key, content, signal) => retry(() => inner.write(key, content, signal), signal),
    openWrite: (key, options, signal) => retry(() => inner.openWrite(key, options, signal), signal),
    read: (key, range, signal) => retry(() => inner.read(key, range, signal), signal),
    async open(key, signal) {
      const source = await retry(() => inner.open(key, signal), signal);
      return {
        size: source.size,
        read: (offset, length) => retry(() => source.read(offset, length), signal),
        close: () => source.close(),
      };
    },
    stat: (key, signal) => retry(() => inner.stat(key, signal), signal),
    list: (prefix, signal) => inner.list(prefix, signal),
    remove: (key, signal) => retry(() => inner.remove(key, signal), signal),
    freeSpace: (signal) => retry(() => inner.freeSpace(signal), signal),
    removeLeftovers: (signal) => retry(() => inner.removeLeftovers(signal), signal),
    ...(discard === undefined
      ? {}
      : { discard: (key, state, signal) => retry(() => discard(key, state, signal), signal) }),
    ...(matches === undefined
      ? {}
      : { matches: (key, open, signal) => retry(() => matches(key, open, signal), signal) }),
    // It is asked again and again anyway.
    ...(inner.settlement === undefined ? {} : { settlement: inner.settlement.bind(inner) }),
    // It lies on this machine, where nothing passes by itself.
    incoming: inner.incoming,
  };
}

const pausesInMs = [500, 1000, 2000, 4000] as const;
const mostAttempts = pausesInMs.length + 1;
