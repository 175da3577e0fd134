import type { ObjectWriter, StoredObject } from "#storage/provider.ts";

/** The same writer, but what it has committed is then described. */
export function describingWriter(
  writer: ObjectWriter,
  describe: (object: StoredObject) => Promise<void>,
): ObjectWriter {
  return {
    patch: writer.patch,
    write: (bytes) => writer.write(bytes),
    patchAt: (offset, bytes) => writer.patchAt(offset, bytes),
    holdFrom: (offset) => writer.holdFrom(offset),
    async commit() {
      const stored = await writer.commit();
      await describe(stored);
      return stored;
    },
    abort: () => writer.abort(),
    [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
  };
}
