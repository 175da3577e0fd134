import { readAhead } from "#archive/read/read-ahead.ts";
import type { IndexSink } from "#archive/ports.ts";
import type { ByteSource, ReportProgress } from "#core/ports.ts";

export interface CopyOptions {
  /** Name of what is being done, for progress. */
  readonly step: string;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

const blockSize = 1024 * 1024;

/** Copies an archive, or its index, byte for byte; the target appears whole or not at all. */
export async function copyInto(
  source: ByteSource,
  target: IndexSink,
  options: CopyOptions,
): Promise<void> {
  const { report, signal, step } = options;
  try {
    let bytes = 0;
    for await (const block of readAhead(source, { offset: 0, length: source.size }, blockSize)) {
      signal.throwIfAborted();
      await target.write(block);
      bytes += block.length;
      report({ step, bytes, totalBytes: source.size });
    }
    await target.commit();
  } catch (error) {
    await target.abort();
    throw error;
  }
}
