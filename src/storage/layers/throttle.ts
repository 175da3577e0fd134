import type { ObjectWriter, OpenBody, StorageProvider } from "../provider.ts";

export interface ThrottleTools {
  /** Bytes per second that may move at a moment; undefined for no limit. */
  readonly rateAt: (now: number) => number | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits; rejects with the signal's reason when that is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Keeps what moves between us and the place below a rate, all calls of this process together. */
export function withThrottle(inner: StorageProvider, tools: ThrottleTools): StorageProvider {
  const pace = new Pace(tools);
  const paced = async function* (
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of body) {
      await pace.take(chunk.length, signal);
      yield chunk;
    }
  };
  return {
    kind: inner.kind,
    features: inner.features,
    write(key, content, signal) {
      const open: OpenBody = (from) => paced(content.open(from), signal);
      return inner.write(key, { ...content, open }, signal);
    },
    async openWrite(key, options, signal) {
      const writer = await inner.openWrite(key, options, signal);
      return pacedWriter(writer, (bytes) => pace.take(bytes, signal));
    },
    read: async (key, range, signal) => paced(await inner.read(key, range, signal), signal),
    async open(key, signal) {
      const source = await inner.open(key, signal);
      return {
        size: source.size,
        read: async (offset, length) => {
          await pace.take(Math.min(length, source.size - offset), signal);
          return source.read(offset, length);
        },
        close: () => source.close(),
      };
    },
    stat: (key, signal) => inner.stat(key, signal),
    list: (prefix, signal) => inner.list(prefix, signal),
    remove: (key, signal) => inner.remove(key, signal),
    freeSpace: (signal) => inner.freeSpace(signal),
    removeLeftovers: (signal) => inner.removeLeftovers(signal),
    ...(inner.discard === undefined ? {} : { discard: inner.discard.bind(inner) }),
    ...(inner.matches === undefined ? {} : { matches: inner.matches.bind(inner) }),
    ...(inner.settlement === undefined ? {} : { settlement: inner.settlement.bind(inner) }),
    // What comes in there has come by other ways.
    incoming: inner.incoming,
  };
}

class Pace {
  readonly #tools: ThrottleTools;
  /** When all that was let through until now will have moved. */
  #freeAt = 0;

  constructor(tools: ThrottleTools) {
    this.#tools = tools;
  }

  /** Waits until so many bytes may move. */
  async take(bytes: number, signal: AbortSignal): Promise<void> {
    const { rateAt, now, pause } = this.#tools;
    const at = now();
    const rate = rateAt(at);
    if (rate === undefined || bytes <= 0) return;
    const begin = Math.max(at, this.#freeAt);
    this.#freeAt = begin + (bytes / rate) * 1000;
    if (begin > at) await pause(begin - at, signal);
  }
}

function pacedWriter(writer: ObjectWriter, take: (bytes: number) => Promise<void>): ObjectWriter {
  return {
    patch: writer.patch,
    async write(bytes) {
      await take(bytes.length);
      await writer.write(bytes);
    },
    patchAt: (offset, bytes) => writer.patchAt(offset, bytes),
    holdFrom: (offset) => writer.holdFrom(offset),
    commit: () => writer.commit(),
    abort: () => writer.abort(),
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  };
}
