import type { EntryNote, PartEvent } from "#core/model/part-event.ts";
import type { Part } from "#core/model/part.ts";

/** What a run writes the entries of a home into: an archive at one or more places. */
export interface BackupSink {
  /** Begins the next part; one part at a time. */
  beginPart(part: Part): Promise<PartSink>;
}

export interface PartSink {
  /** Takes a batch. Its bytes may be reused once the promise has resolved. */
  write(events: readonly PartEvent[]): Promise<void>;
  /**
   * Ends the part. Content that is still owed by the last entry is filled with zero bytes, so that a part
   * which failed half-way leaves a readable archive.
   */
  end(): Promise<PartSummary>;
}

/** What went into one part. */
export interface PartSummary {
  readonly files: number;
  /** Sum of file sizes. */
  readonly bytes: number;
  /** Bytes that the part takes at the place, encryption and compression included. */
  readonly storedBytes: number;
  readonly notes: readonly EntryNote[];
}
