import type { BackupSink } from "#archive/write/backup-sink.ts";
import type { PartEvent, PartEvents } from "#core/model/part-event.ts";
import { partName, type Part } from "#core/model/part.ts";
import type { BackedUpPart } from "./backup-result.ts";
import type { BackupRun, BackupTools } from "./make-backup.ts";

/**
 * Reads every part and writes it into the sink. A part that cannot be read is ended as it is, stays out
 * of `backup.json` and is reported; without Home Assistant itself the backup is given up.
 */
export async function writeParts(
  run: BackupRun,
  sink: BackupSink,
  tools: BackupTools,
): Promise<readonly BackedUpPart[]> {
  const written: BackedUpPart[] = [];
  const totalBytes = run.measured.reduce((sum, measured) => sum + measured.bytes, 0);
  let bytes = 0;
  for (const part of run.selection.parts) {
    const result = await writePart(part, run, { sink, tools, bytesBefore: bytes, totalBytes });
    written.push(result);
    bytes += result.bytes;
  }
  return written;
}

interface PartWriting {
  readonly sink: BackupSink;
  readonly tools: BackupTools;
  readonly bytesBefore: number;
  /** Source bytes expected, for progress. */
  readonly totalBytes: number;
}

async function writePart(part: Part, run: BackupRun, writing: PartWriting): Promise<BackedUpPart> {
  const { tools } = writing;
  const { request, selection } = run;
  const sink = await writing.sink.beginPart(part);
  const reading = new SourceReading(
    tools.installation.read(
      part,
      { database: selection.database, rules: request.rules },
      tools.signal,
    ),
  );
  let bytes = writing.bytesBefore;
  try {
    for (let events = await reading.next(); events !== undefined; events = await reading.next()) {
      for (const event of events) if (event.kind === "data") bytes += event.bytes.length;
      await sink.write(events);
      tools.report({
        step: "backup",
        part: partName(part),
        bytes,
        totalBytes: Math.max(bytes, writing.totalBytes),
      });
    }
  } finally {
    await reading.close();
  }
  tools.signal.throwIfAborted();
  const { error } = reading;
  if (error !== undefined && part.kind === "homeassistant") throw error;
  const summary = await sink.end();
  const status =
    error !== undefined ? "failed" : summary.notes.length > 0 ? "warnings" : "complete";
  return { part: partName(part), status, ...summary, error: error?.message };
}

/** Keeps failures of the source apart from failures of the sink: only the former concern one part. */
class SourceReading {
  error: Error | undefined;
  readonly #events: AsyncIterator<readonly PartEvent[]>;

  constructor(events: PartEvents) {
    this.#events = events[Symbol.asyncIterator]();
  }

  async next(): Promise<readonly PartEvent[] | undefined> {
    try {
      const next = await this.#events.next();
      return next.done === true ? undefined : next.value;
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error));
      return undefined;
    }
  }

  /** Lets the source go, also when it has not been read to its end. */
  async close(): Promise<void> {
    await this.#events.return?.();
  }
}
