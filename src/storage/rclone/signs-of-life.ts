import { setTimeout as pause } from "node:timers/promises";

export interface SignsOfLife {
  /** Bytes that rclone has moved in all since it was started. */
  readonly moved: (signal: AbortSignal) => Promise<number>;
  /** Told of them when there are more. */
  readonly sent: ((bytes: number) => void) | undefined;
  /** Milliseconds between two looks; 5000 if not given. */
  readonly everyMs?: number;
}

/**
 * The result of work that rclone does by itself. Meanwhile it is asked whether bytes still move: what it has spooled, or
 * gathered for a large part, may take long after the last byte was taken from us.
 */
export async function withSignsOfLife<Result>(
  work: Promise<Result>,
  { moved, sent, everyMs = 5000 }: SignsOfLife,
): Promise<Result> {
  if (sent === undefined) return work;
  const ended = new AbortController();
  const watching = watch({ moved, sent, everyMs }, ended.signal);
  try {
    return await work;
  } finally {
    ended.abort();
    await watching;
  }
}

async function watch(
  { moved, sent, everyMs }: Required<SignsOfLife> & { readonly sent: (bytes: number) => void },
  signal: AbortSignal,
): Promise<void> {
  try {
    for (let known = await moved(signal); ;) {
      await pause(everyMs, undefined, { signal, ref: false });
      const now = await moved(signal);
      if (now !== known) sent(Math.max(0, now - known));
      known = now;
    }
  } catch (error) {
    // An rclone that does not answer this shows no sign of life, and the work itself tells why.
    if (!(error instanceof Error)) throw error;
  }
}
