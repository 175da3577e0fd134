/**
 * The same chunks, but a pending wait for the next one ends as soon as the signal is aborted, with its
 * reason, however deaf the source is.
 */
export async function* interruptible<Chunk>(
  source: AsyncIterable<Chunk>,
  signal: AbortSignal,
): AsyncGenerator<Chunk, void, undefined> {
  const chunks = source[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await settledOrAborted(chunks.next(), signal);
      ended = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    if (!ended && !signal.aborted) await chunks.return?.();
    // A deaf source would also let `return` wait for ever; it is asked, but not waited for.
    else if (!ended) chunks.return?.().then(undefined, () => undefined);
  }
}

/**
 * Result of the work, or the signal's reason as soon as that is aborted. Unlike `Promise.race` with one
 * lasting promise it leaves nothing attached to the signal.
 */
export function settledOrAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortReason(signal));
    const settle = () => signal.removeEventListener("abort", onAbort);
    work.then(resolve, reject).then(settle, settle);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
  });
}

function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new DOMException(String(reason), "AbortError");
}
