import { StorageError } from "../errors.ts";
import type { OpenBody, StorageProvider, StoredObject } from "../provider.ts";
import { alreadyWritten, type RefusedWrite } from "./already-written.ts";

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
 * A body is opened anew for each attempt. An upload that goes on where it was cut is given up only after five attempts that
 * did not bring it further, so that an object of any size gets over a line that is cut again and again. One whose last
 * answer was lost finds its own object when it is tried again, and that is no `already-exists`.
 *
 * An object that is written piece by piece is retried only up to its first byte, and a read only up to its first chunk.
 * Listing is left to providers, which can ask for a single page again.
 */
export function withRetry(inner: StorageProvider, tools: RetryTools): StorageProvider {
  const retry = retrying(tools);
  const matches = inner.matches?.bind(inner);
  const discard = inner.discard?.bind(inner);
  return {
    kind: inner.kind,
    features: inner.features,
    write: writing(inner, retry),
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

/** @param cameFurther whether the attempt that has just failed did, so that it does not count */
type Retry = <Result>(
  work: () => Promise<Result>,
  signal: AbortSignal,
  cameFurther?: () => boolean,
) => Promise<Result>;

function retrying({ attempts = mostAttempts, pause, random }: RetryTools): Retry {
  const pauses = pausesInMs.slice(0, attempts - 1);
  return async (work, signal, cameFurther = () => false) => {
    for (let failed = 0; ;) {
      try {
        return await work();
      } catch (error) {
        failed = cameFurther() ? 1 : failed + 1;
        const longest = pauses[failed - 1];
        if (!(error instanceof StorageError && error.worthRetrying) || longest === undefined)
          throw error;
        await pause((longest * (1 + random())) / 2, signal);
      }
    }
  };
}

function writing(inner: StorageProvider, retry: Retry): StorageProvider["write"] {
  return (key, content, signal) => {
    const { open, cameFurther } = watched(content.open);
    // An earlier attempt may have written all of it, and not have heard so.
    let mayBeOwn = content.resume?.state !== undefined;
    const attempt = async (): Promise<StoredObject> => {
      try {
        return await inner.write(key, { ...content, open }, signal);
      } catch (error) {
        const isRefused = error instanceof StorageError && error.problem === "already-exists";
        if (!isRefused || !mayBeOwn) {
          mayBeOwn = true;
          throw error;
        }
        const own = await ownObject(inner, { key, content }, signal);
        if (own === undefined) throw error;
        return own;
      }
    };
    return retry(attempt, signal, cameFurther);
  };
}

async function ownObject(
  storage: StorageProvider,
  { key, content }: RefusedWrite,
  signal: AbortSignal,
): Promise<StoredObject | undefined> {
  const own = await alreadyWritten(storage, { key, content }, signal);
  const { state } = content.resume ?? {};
  // What it grew from may still be there. The object is, so what cannot be removed now is a leftover like any other.
  if (own !== undefined && state !== undefined)
    await storage.discard?.(key, state, signal).catch(() => undefined);
  return own;
}

/** A body of which it is seen whether each attempt begins behind all of those before it. */
function watched(body: OpenBody) {
  let [furthest, isFurther] = [0, false];
  const open: OpenBody = (from = 0) => {
    if (from > furthest) [furthest, isFurther] = [from, true];
    return body(from);
  };
  const cameFurther = (): boolean => {
    const was = isFurther;
    isFurther = false;
    return was;
  };
  return { open, cameFurther };
}

const pausesInMs = [500, 1000, 2000, 4000] as const;
const mostAttempts = pausesInMs.length + 1;
