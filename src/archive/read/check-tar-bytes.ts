import { crc32 } from "node:zlib";
import { SafehouseError } from "#core/model/problem.ts";
import type { IndexedPart } from "../index/index-record.ts";

/**
 * Passes the tar stream of an inner archive through and compares it with the index as a whole. That finds
 * what the hashes of files do not: owners, times, padding. Rejects with `damaged` at the end.
 */
export async function* checkTarBytes(
  tar: AsyncIterable<Uint8Array>,
  part: IndexedPart,
): AsyncGenerator<Uint8Array> {
  let checksum = 0;
  let size = 0;
  for await (const bytes of tar) {
    checksum = crc32(bytes, checksum);
    size += bytes.length;
    yield bytes;
  }
  if (size === part.tarSize && checksum === part.crc32) return;
  throw new SafehouseError(
    "damaged",
    `${part.member} is not as the index says, but none of its files differs`,
  );
}
