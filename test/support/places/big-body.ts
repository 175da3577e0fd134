import { someBytes } from "#storage/contract/objects.ts";

const block = 1024 * 1024;
const pattern = someBytes(block);

/** Bytes of a big object, the same each time, from any of them on; each block says which one it is, and is memory of its own. */
export async function* bigBody(size: number, from = 0): AsyncGenerator<Buffer, void, undefined> {
  for (let at = from; at < size;) {
    const begin = at - (at % block);
    const bytes = Buffer.allocUnsafeSlow(Math.min(block, size - begin));
    pattern.copy(bytes);
    if (bytes.length >= 8) bytes.writeDoubleLE(begin);
    yield bytes.subarray(at - begin);
    at = begin + bytes.length;
  }
}
