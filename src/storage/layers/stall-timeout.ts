import type { ByteSource } from "#core/ports.ts";
import type { ObjectWriter, OpenBody, StorageProvider, WriteOptions } from "../provider.ts";
import { StallWatch } from "./stall-watch.ts";
import type { StallTools } from "./stall-watch.ts";

/**
 * Gives up with `unreachable` when a place shows no progress for a while. There is no limit on the
 * whole: a slow line may take all night. Waiting for our own side (a body that is still being made, a
 * reader that is busy) does not count.
 */
export function withStallTimeout(inner: StorageProvider, tools: StallTools): StorageProvider {
  const once = watchedCalls(tools);
  const settlement = inner.settlement?.bind(inner);
  return {
    kind: inner.kind,
    features: inner.features,
    write(key, content, signal) {
      const watch = new StallWatch(tools, signal);
      const open: OpenBody = (from) => watchedBody(content.open(from), watch);
      const sent = telling(watch, content);
      return watch.run(() => inner.write(key, { ...content, open, sent }, watch.signal));
    },
    async openWrite(key, options, signal) {
      const watch = new StallWatch(tools, signal);
      const sent = telling(watch, options);
      return watchedWriter(
        await watch.run(() => inner.openWrite(key, { ...options, sent }, watch.signal)),
        watch,
        new StallWatch(tools, new AbortController().signal),
      );
    },
    async read(key, range, signal) {
      const watch = new StallWatch(tools, signal);
      return watchedRead(await watch.run(() => inner.read(key, range, watch.signal)), watch);
    },
    async open(key, signal) {
      const watch = new StallWatch(tools, signal);
      return watchedSource(await watch.run(() => inner.open(key, watch.signal)), watch);
    },
    stat: (key, signal) => once(signal, (watched) => inner.stat(key, watched)),
    list(prefix, signal) {
      const watch = new StallWatch(tools, signal);
      return watchedRead(inner.list(prefix, watch.signal), watch);
    },
    remove: (key, signal) => once(signal, (watched) => inner.remove(key, watched)),
    freeSpace: (signal) => once(signal, (watched) => inner.freeSpace(watched)),
    removeLeftovers: (signal) => once(signal, (watched) => inner.removeLeftovers(watched)),
    // The place may take its time for a checksum, and our side reads the whole of it.
    ...(inner.discard === undefined ? {} : { discard: inner.discard.bind(inner) }),
    ...(inner.matches === undefined ? {} : { matches: inner.matches.bind(inner) }),
    ...(settlement === undefined
      ? {}
      : { settlement: (key, signal) => once(signal, (watched) => settlement(key, watched)) }),
    // Flushing a file of many GB shows no progress and may take longer than any stall.
    incoming: inner.incoming,
  };
}

/** Calls that are over with their answer. */
function watchedCalls(
  tools: StallTools,
): <Result>(
  signal: AbortSignal,
  work: (watched: AbortSignal) => Promise<Result>,
) => Promise<Result> {
  return (signal, work) => {
    const watch = new StallWatch(tools, signal);
    return watch.run(() => work(watch.signal));
  };
}

/** Bytes that leave are a sign of life, also between two chunks. */
function telling(watch: StallWatch, { sent }: WriteOptions): (bytes: number) => void {
  return (bytes) => {
    watch.moved();
    sent?.(bytes);
  };
}

/** A body on its way to the place: the place is at work from a chunk to the call for the next. */
async function* watchedBody(
  body: AsyncIterable<Uint8Array>,
  watch: StallWatch,
): AsyncGenerator<Uint8Array, void, undefined> {
  watch.disarm();
  for await (const chunk of body) {
    watch.arm();
    yield chunk;
    watch.disarm();
  }
  watch.arm();
}

async function* watchedRead<Item>(
  items: AsyncIterable<Item>,
  watch: StallWatch,
): AsyncGenerator<Item, void, undefined> {
  const iterator = items[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await watch.run(() => iterator.next());
      ended = next.done === true;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    const closing = ended ? undefined : iterator.return?.();
    // A place that has stalled would not end this either; it is asked, but not waited for.
    if (watch.signal.aborted) closing?.then(undefined, () => undefined);
    else await closing;
  }
}

/** @param ending for giving up, which must go on when `watch` has fired or the caller has cancelled */
function watchedWriter(writer: ObjectWriter, watch: StallWatch, ending: StallWatch): ObjectWriter {
  return {
    patch: writer.patch,
    write: (bytes) => watch.run(() => writer.write(bytes)),
    patchAt: (offset, bytes) => watch.run(() => writer.patchAt(offset, bytes)),
    holdFrom: (offset) => writer.holdFrom(offset),
    commit: () => watch.run(() => writer.commit()),
    abort: () => ending.run(() => writer.abort()),
    [Symbol.asyncDispose]: () => ending.run(() => writer.abort()),
  };
}

function watchedSource(source: ByteSource, watch: StallWatch): ByteSource {
  return {
    size: source.size,
    read: (offset, length) => watch.run(() => source.read(offset, length)),
    close: () => source.close(),
  };
}
