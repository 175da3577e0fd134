import type { IndexSink, IndexStore } from "#archive/ports.ts";

/** Keeps indexes as long as the program runs, for where nothing can be written. A million entries take 100 MB. */
export function memoryIndexStore(): IndexStore {
  const indexes = new Map<string, Uint8Array>();
  return {
    open: async (slug) => {
      const bytes = indexes.get(slug);
      if (bytes === undefined) return undefined;
      return {
        size: bytes.length,
        read: async (offset, length) => Uint8Array.from(bytes.subarray(offset, offset + length)),
        close: async () => {},
      };
    },
    create: async (slug) => sinkInto((bytes) => indexes.set(slug, bytes)),
  };
}

function sinkInto(keep: (bytes: Uint8Array) => void): IndexSink {
  let pieces: Uint8Array[] = [];
  return {
    write: async (bytes) => void pieces.push(Uint8Array.from(bytes)),
    commit: async () => keep(Buffer.concat(pieces)),
    abort: async () => {
      pieces = [];
    },
  };
}
