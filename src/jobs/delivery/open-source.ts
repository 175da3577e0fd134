import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import { SourceFailure } from "./source-failure.ts";

/**
 * What is being opened as a source to copy from: each of its failures is a `SourceFailure`, and becoming shorter
 * while it is read is one.
 */
export async function openSource(opening: Promise<ByteSource>): Promise<ByteSource> {
  const source = await SourceFailure.of(opening);
  const { size } = source;
  return {
    size,
    read: async (offset, length) => {
      const bytes = await SourceFailure.of(source.read(offset, length));
      if (bytes.length === Math.min(length, size - offset)) return bytes;
      throw new SourceFailure(
        new SafehouseError("truncated", "The archive became shorter while it was read"),
      );
    },
    close: () => source.close(),
  };
}
