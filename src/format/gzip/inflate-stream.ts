import { createInflateRaw, type InflateRaw } from "node:zlib";
import type { ByteReader } from "./byte-reader.ts";
import { damagedGzip, truncatedGzip } from "./gzip-errors.ts";

/** Larger output buffers than zlib's default double its speed. */
const outputChunk = 262_144;

/**
 * Inflates raw deflate up to its end and leaves the reader at the byte behind it. Holds one piece of
 * input and a few output buffers, however much comes out; what it yields belongs to the caller.
 * @throws SafehouseError `truncated` or `damaged`
 */
export async function* inflateStream(reader: ByteReader): AsyncGenerator<Uint8Array, void> {
  const inflate = createInflateRaw({ chunkSize: outputChunk });
  const feeding = feed(reader, inflate);
  try {
    for await (const piece of inflate) yield piece as Uint8Array;
  } catch (error) {
    throw explained(error);
  } finally {
    inflate.destroy();
  }
  reader.putBack((await feeding) - inflate.bytesWritten);
}

/**
 * Hands pieces over until the inflater has ended or failed; resolves to their bytes. Never rejects: what
 * goes wrong, in the source too, comes out of the inflater.
 */
async function feed(reader: ByteReader, inflate: InflateRaw): Promise<number> {
  const closed = new Promise<void>((resolve) => inflate.once("close", resolve));
  let handedOver = 0;
  try {
    // Once it has left bytes alone, its stream has ended before them, although it does not say so yet.
    while (!inflate.destroyed && inflate.bytesWritten === handedOver) {
      const piece = await reader.piece();
      if (piece === undefined) {
        inflate.end();
        break;
      }
      handedOver += piece.length;
      const written = new Promise<void>((resolve) => inflate.write(piece, () => resolve()));
      await Promise.race([written, closed]);
    }
  } catch (error) {
    inflate.destroy(error instanceof Error ? error : new Error(String(error)));
  }
  return handedOver;
}

function explained(error: unknown): unknown {
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "Z_BUF_ERROR":
      return truncatedGzip(error);
    case "Z_DATA_ERROR":
    case "Z_NEED_DICT":
      return damagedGzip("it cannot be decompressed", error);
    default:
      return error;
  }
}
