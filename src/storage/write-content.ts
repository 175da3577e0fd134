import { StorageError } from "./errors.ts";
import { interruptible } from "./interruptible.ts";
import type { Content, ObjectWriter, StoredObject } from "./provider.ts";

/**
 * Writes a whole body through a writer: `write` of providers that only need `openWrite`.
 * Aborts the writer on any failure and rejects with that failure.
 */
export async function writeContent(
  writer: ObjectWriter,
  content: Content,
  signal: AbortSignal,
): Promise<StoredObject> {
  await using open = writer;
  let size = 0;
  for await (const chunk of interruptible(content.open(), signal)) {
    size += chunk.length;
    await open.write(chunk);
  }
  if (content.size !== undefined && content.size !== size) {
    throw new StorageError("damaged", `The body has ${size} bytes, not ${content.size}`, {
      facts: { expectedBytes: content.size, actualBytes: size },
    });
  }
  return await open.commit();
}
