import { closeSync, constants, openSync } from "node:fs";
import { fileErrorCode } from "./file-error.ts";
import { readDatabaseHeader } from "./sqlite-file.ts";
import { openLiveSnapshot } from "./sqlite-live.ts";
import { openCopiedSnapshot } from "./sqlite-copy.ts";
import { openStillSnapshot } from "./sqlite-still.ts";
import { sqliteErrorCode } from "./sqlite-error.ts";

/** One state of a database, readable while others go on writing. Close it in every case. */
export interface DatabaseSnapshot {
  /** Bytes; a multiple of the page size. */
  readonly size: number;
  /** The header says that the database keeps a write-ahead log. */
  readonly usesWal: boolean;
  /** Fills `into` from `at`; both multiples of the page size. */
  read(into: Uint8Array, at: number): void;
  /**
   * Waits until SQLite has checked the snapshot, which may go on beside the reading. Returns what makes
   * the bytes doubtful: what the check found, why there could be none, or that the file changed after all.
   */
  close(): readonly string[];
}

/**
 * Opens a snapshot in the least intrusive way that works:
 *
 * 1. a read transaction, opened under a write lock that is held for an instant; bytes are read raw from
 *    the database and its log. Writers go on.
 * 2. the same without the lock, if a writer holds it for long or this user may not write here.
 * 3. without a log: a copy in the scratch folder, made under a shared lock that is given up after a second.
 * 4. nobody has it open and we may not write: the file itself, or a copy on which SQLite replays the log.
 *
 * @param scratch directory for copies; made if needed
 * @returns a refusal, in words, if SQLite makes nothing of the file or it never stands still
 */
export function openSnapshot(
  place: string | Buffer,
  scratch: string,
): DatabaseSnapshot | { readonly refusal: string } {
  const usesWal = readJournalMode(place);
  if (usesWal === undefined) return { refusal: "its header makes no sense" };
  const ways = usesWal
    ? [
        () => openLiveSnapshot(place, "write-lock"),
        () => openLiveSnapshot(place, "no-lock"),
        () => openStillSnapshot(place, scratch),
      ]
    : [() => openCopiedSnapshot(place, scratch), () => openStillSnapshot(place, scratch)];
  let refusal = "it changed too often to be read at rest";
  for (const way of ways) {
    try {
      const snapshot = way();
      if (snapshot !== undefined) return snapshot;
    } catch (error) {
      if (sqliteErrorCode(error) === undefined && fileErrorCode(error) === undefined) throw error;
      refusal = error instanceof Error ? error.message : String(error);
    }
  }
  return { refusal };
}

function readJournalMode(place: string | Buffer): boolean | undefined {
  const descriptor = openSync(
    place,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  try {
    return readDatabaseHeader(descriptor)?.usesWal;
  } finally {
    closeSync(descriptor);
  }
}
