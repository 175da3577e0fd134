import type { EntryProblem, PartEvent } from "#core/model/part-event.ts";
import type { EntryType } from "#core/model/entry.ts";
import type { Part } from "#core/model/part.ts";
import type { Problem } from "#core/model/problem.ts";
import type { Rule } from "#core/rules/rule.ts";

/** What the reader's thread is asked to do. */
export interface ReaderTask {
  readonly kind: "read" | "count";
  readonly part: Part;
  readonly root: string;
  readonly database: boolean;
  readonly rules: readonly Rule[];
  readonly dataDir: string;
  /** Directory for copies of databases; made when it is needed, removed by whoever started the thread. */
  readonly scratch: string;
  /** What stands beside `data` in the archive: `homeassistant.json` or `addon.json`. */
  readonly document?: { readonly name: string; readonly text: string };
}

export interface ReaderSetup {
  readonly task: ReaderTask;
  /** `bufferCount` buffers, one behind the other; batches use them in turn. */
  readonly memory: SharedArrayBuffer;
  /** Counts the batches that have been used up, so that a thread that never yields can wait for a buffer. */
  readonly returned: Int32Array<SharedArrayBuffer>;
}

export type ReaderMessage =
  /** `events` is JSON of `EventRow[]`: a flat text crosses threads several times faster than objects. */
  | { readonly kind: "batch"; readonly events: string; readonly buffer: number }
  | { readonly kind: "counted"; readonly tally: PartTally }
  | { readonly kind: "failed"; readonly problem: Problem; readonly message: string }
  | { readonly kind: "done" };

export interface Tally {
  files: number;
  bytes: number;
}

export interface PartTally extends Tally {
  /** Of `bytes`: in files whose kind is known not to compress. */
  incompressibleBytes: number;
  /** Files, folders and links. */
  entries: number;
  /** UTF-8 bytes of all their paths and of what links point to. */
  nameBytes: number;
  /** What each rule left out, by its place in `compilePartRules`. */
  readonly leftOut: Tally[];
}

/** Entry, data (place and length in the batch's buffer) or note, without names of fields. */
export type EventRow =
  | readonly [
      0,
      path: string,
      type: EntryType,
      mode: number,
      uid: number,
      gid: number,
      mtime: number,
      size: number,
      linkTarget: string | null,
    ]
  | readonly [1, at: number, length: number]
  | readonly [2, path: string, problem: EntryProblem, message: string];

/** Batches end at this many rows or at a full buffer. */
export const rowsPerBatch = 512;
export const bufferBytes = 1 << 20;
/** Buffers between the two threads: reading ahead by this many MiB, never more. */
export const bufferCount = 4;

/** One of the buffers that the two threads share. */
export function sharedBuffer(
  memory: SharedArrayBuffer,
  buffer: number,
): Uint8Array<SharedArrayBuffer> {
  return new Uint8Array(memory, buffer * bufferBytes, bufferBytes);
}

export function decodeBatch(events: string, buffer: Uint8Array): PartEvent[] {
  const rows = JSON.parse(events) as readonly EventRow[];
  return rows.map((row) => decodeRow(row, buffer));
}

function decodeRow(row: EventRow, buffer: Uint8Array): PartEvent {
  switch (row[0]) {
    case 0: {
      const [, path, type, mode, uid, gid, mtime, size, linkTarget] = row;
      const entry = { path, type, mode, uid, gid, mtime, size };
      return { kind: "entry", entry: linkTarget === null ? entry : { ...entry, linkTarget } };
    }
    case 1:
      return { kind: "data", bytes: buffer.subarray(row[1], row[1] + row[2]) };
    case 2:
      return { kind: "note", note: { path: row[1], problem: row[2], message: row[3] } };
  }
}
