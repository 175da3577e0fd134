import type { ByteSource } from "#core/ports.ts";

/** A range to read, in bytes of the source. */
export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Reads a range in blocks, each begun before the one before it has been used up. */
export async function* readAhead(
  source: ByteSource,
  range: Range,
  block: number,
): AsyncGenerator<Uint8Array> {
  const end = range.offset + range.length;
  const ahead: Promise<Uint8Array>[] = [];
  let next = range.offset;
  function begin(): void {
    if (next >= end) return;
    const reading = source.read(next, Math.min(block, end - next));
    // A failure is met when its turn comes; until then it must not count as unhandled.
    reading.catch(() => {});
    ahead.push(reading);
    next += block;
  }
  begin();
  begin();
  for (let reading = ahead.shift(); reading !== undefined; reading = ahead.shift()) {
    const bytes = await reading;
    begin();
    yield bytes;
  }
}
