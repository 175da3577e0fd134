import type { ByteSource } from "#core/ports.ts";
import type { ObjectWriter, OpenBody, StorageProvider } from "../provider.ts";

/** What moved between us and the place. */
export interface TransferProgress {
  readonly key: string;
  readonly direction: "write" | "read";
  /** Bytes of this object so far. A body that is sent again begins at 0 again, or where the last one was cut. */
  readonly bytes: number;
}

export type ReportTransfer = (progress: TransferProgress) => void;

/** Tells of every chunk that is written or read; receivers throttle. */
export function withProgress(inner: StorageProvider, report: ReportTransfer): StorageProvider {
  return {
    kind: inner.kind,
    features: inner.features,
    write(key, content, signal) {
      const open: OpenBody = (from = 0) =>
        counted(content.open(from), countFor({ key, direction: "write", bytes: from }, report));
      return inner.write(key, { ...content, open }, signal);
    },
    async openWrite(key, options, signal) {
      const writer = await inner.openWrite(key, options, signal);
      return countedWriter(writer, countFor({ key, direction: "write", bytes: 0 }, report));
    },
    async read(key, range, signal) {
      return counted(
        await inner.read(key, range, signal),
        countFor({ key, direction: "read", bytes: 0 }, report),
      );
    },
    async open(key, signal) {
      return countedSource(
        await inner.open(key, signal),
        countFor({ key, direction: "read", bytes: 0 }, report),
      );
    },
    stat: (key, signal) => inner.stat(key, signal),
    list: (prefix, signal) => inner.list(prefix, signal),
    remove: (key, signal) => inner.remove(key, signal),
    freeSpace: (signal) => inner.freeSpace(signal),
    removeLeftovers: (signal) => inner.removeLeftovers(signal),
    ...(inner.discard === undefined ? {} : { discard: inner.discard.bind(inner) }),
    ...(inner.matches === undefined ? {} : { matches: inner.matches.bind(inner) }),
    ...(inner.settlement === undefined ? {} : { settlement: inner.settlement.bind(inner) }),
    incoming: inner.incoming,
  };
}

type Count = (bytes: number) => void;

function countFor(begin: TransferProgress, report: ReportTransfer): Count {
  let { bytes } = begin;
  return (more) => {
    bytes += more;
    report({ ...begin, bytes });
  };
}

async function* counted(
  body: AsyncIterable<Uint8Array>,
  count: Count,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of body) {
    // What the receiver does with the chunk may change it, so its length is taken before.
    const { length } = chunk;
    yield chunk;
    count(length);
  }
}

function countedWriter(writer: ObjectWriter, count: Count): ObjectWriter {
  return {
    patch: writer.patch,
    async write(bytes) {
      const { length } = bytes;
      await writer.write(bytes);
      count(length);
    },
    patchAt: (offset, bytes) => writer.patchAt(offset, bytes),
    holdFrom: (offset) => writer.holdFrom(offset),
    commit: () => writer.commit(),
    abort: () => writer.abort(),
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  };
}

function countedSource(source: ByteSource, count: Count): ByteSource {
  return {
    size: source.size,
    async read(offset, length) {
      const bytes = await source.read(offset, length);
      count(bytes.length);
      return bytes;
    },
    close: () => source.close(),
  };
}
