import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import type { ByteRange } from "./byte-range.ts";

/** Small, because several are on their way at once and nobody gives them back before the collector of garbage. */
const blockSize = 256 * 1024;

/** Bytes of a source, block by block. Rejects with `truncated` if it has become shorter. */
export async function* storedBytes(
  source: ByteSource,
  { offset, length }: ByteRange,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length;) {
    const bytes = await source.read(offset + done, Math.min(blockSize, length - done));
    if (bytes.length === 0) throw new SafehouseError("truncated", "The archive has become shorter");
    done += bytes.length;
    yield bytes;
  }
}
