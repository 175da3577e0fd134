import { readAhead } from "#archive/read/read-ahead.ts";
import type { ByteSource, ReportProgress } from "#core/ports.ts";

const blockSize = 1024 * 1024;

/** True if both sources hold the same bytes; reads no further than to the first that differs. */
export async function sameBytes(
  a: ByteSource,
  b: ByteSource,
  { report, signal }: { readonly report: ReportProgress; readonly signal: AbortSignal },
): Promise<boolean> {
  if (a.size !== b.size) return false;
  const range = { offset: 0, length: a.size };
  const other = readAhead(b, range, blockSize);
  let bytes = 0;
  for await (const block of readAhead(a, range, blockSize)) {
    signal.throwIfAborted();
    const next = await other.next();
    if (next.done === true || Buffer.compare(block, next.value) !== 0) return false;
    bytes += block.length;
    report({ step: "compare", bytes, totalBytes: a.size });
  }
  return bytes === a.size;
}
