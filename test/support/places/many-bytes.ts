import { someBytes } from "#storage/contract/objects.ts";

const block = 256 * 1024;

/** Like `someBytes`, and sooner: blocks without pattern, each of which says which one it is. */
export function manyBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length, someBytes(Math.min(block, length)));
  for (let at = 0; at + 8 <= length; at += block) bytes.writeDoubleLE(at, at);
  return bytes;
}
