import { closeSync, constants, fstatSync, openSync, readSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { checkDatabase } from "./check-database.ts";
import type { CheckAnswer } from "./check-protocol.ts";
import { SnapshotCheck } from "./snapshot-check.ts";
import type { DatabaseSnapshot } from "./sqlite-snapshot.ts";
import { besideDatabase } from "./sqlite-beside.ts";
import { readWalIndex } from "./wal-index.ts";
import type { WalIndex } from "./wal-index.ts";
import { readWalPages } from "./wal-frames.ts";
import type { WalPages } from "./wal-frames.ts";

const lockTimeoutInMs = 3000;
const attemptsWithoutLock = 50;
/** Of database and log. Checking less takes no longer than starting a thread. */
const smallestForThread = 8 << 20;
/** A share or card that hangs may be this slow. */
const slowestCheckInMs = { toBegin: 60_000, perMiB: 1000 };

/**
 * Reads a database in WAL mode as of one read transaction, from the files themselves.
 *
 * While the transaction is open nobody can start the log over or copy frames into the database that are
 * newer than it. So the pages of the file, overlaid with the log up to the transaction's last frame, are
 * exactly what the transaction sees; which frame that is stands in the shared-memory index. If every
 * frame was already in the file when the transaction began, the log is not protected and not needed.
 *
 * A large database is checked in a thread of its own while it is read, in a transaction that began under
 * the same lock; without the lock, or if that thread fails, the reader checks it.
 *
 * @param way `no-lock` begins the transaction between two equal readings of the index instead
 * @param startCheck starts the thread
 * @returns undefined if the log and its index do not agree, as they may without a living writer
 */
export function openLiveSnapshot(
  place: string | Buffer,
  way: "write-lock" | "no-lock",
  startCheck: () => SnapshotCheck = () => new SnapshotCheck(place),
): DatabaseSnapshot | undefined {
  const files = new LiveFiles(place, way === "write-lock");
  try {
    const index =
      way === "write-lock" ? files.beginUnderLock(startCheck) : files.beginBetweenReadings();
    const contents = index === undefined ? undefined : files.contents(index);
    if (contents === undefined) {
      files.close();
      return undefined;
    }
    const finishCheck = files.startCheck();
    return {
      size: contents.pageCount * contents.pageSize,
      usesWal: true,
      read: (into, at) => files.read(into, at, contents),
      close() {
        try {
          const problem = finishCheck();
          return problem === undefined ? [] : [problem];
        } finally {
          files.close();
        }
      },
    };
  } catch (error) {
    files.close();
    throw error;
  }
}

interface Contents {
  readonly pageSize: number;
  readonly pageCount: number;
  readonly inLog: WalPages;
}

/**
 * Connections and raw descriptors of one database.
 *
 * Trap: POSIX drops all locks that a process has on a file as soon as it closes any descriptor of it.
 * So raw descriptors are closed only after the connections, and nothing else in this process may open
 * the database, or its index, in the meantime.
 */
class LiveFiles {
  readonly reader: DatabaseSync;
  readonly #writer: DatabaseSync | undefined;
  readonly #hadLog: boolean;
  readonly #descriptors: number[] = [];
  readonly #main: number;
  readonly #log: number;
  readonly #index: number;
  #check: SnapshotCheck | undefined;

  constructor(place: string | Buffer, writable: boolean) {
    const log = besideDatabase(place, "-wal");
    this.#hadLog = (statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0;
    // The writer takes the lock and nothing more. It also makes the log and index if there are none.
    this.#writer = writable ? new DatabaseSync(place, { timeout: lockTimeoutInMs }) : undefined;
    try {
      this.reader = new DatabaseSync(place, { readOnly: true, timeout: lockTimeoutInMs });
      this.#writer?.prepare("SELECT count(*) FROM sqlite_schema").get();
      this.reader.prepare("SELECT count(*) FROM sqlite_schema").get();
      this.#main = this.#open(place);
      this.#log = this.#open(log);
      this.#index = this.#open(besideDatabase(place, "-shm"));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  beginUnderLock(startCheck: () => SnapshotCheck): WalIndex | undefined {
    if (this.#size() >= smallestForThread) this.#check = startCheck();
    // The lock is not held while a thread starts.
    this.#check?.waitUntilOpen();
    this.#writer?.exec("BEGIN IMMEDIATE");
    try {
      this.#begin();
      this.#check?.begin();
      return readWalIndex(this.#index);
    } finally {
      this.#writer?.exec("ROLLBACK");
    }
  }

  beginBetweenReadings(): WalIndex | undefined {
    for (let attempt = 0; attempt < attemptsWithoutLock; attempt += 1) {
      const before = readWalIndex(this.#index);
      this.#begin();
      const after = readWalIndex(this.#index);
      if (after !== undefined && after.stamp === before?.stamp) return after;
      this.reader.exec("ROLLBACK");
    }
    return undefined;
  }

  /** What the transaction sees; undefined if the log's index is of another mind than SQLite. */
  contents(index: WalIndex): Contents | undefined {
    const pageSize = this.#number("page_size");
    const pageCount = this.#number("page_count");
    if (index.pages !== 0 && index.pages !== pageCount) return undefined;
    const isAllCopied = index.copiedFrames >= index.lastFrame;
    const inLog = isAllCopied
      ? new Map<number, number>()
      : readWalPages(this.#log, { index, pageSize });
    return inLog === undefined ? undefined : { pageSize, pageCount, inLog };
  }

  read(into: Uint8Array, at: number, { pageSize, inLog }: Contents): void {
    readOrZero(this.#main, into, at);
    if (inLog.size === 0) return;
    for (let offset = 0; offset < into.length; offset += pageSize) {
      const place = inLog.get((at + offset) / pageSize + 1);
      if (place !== undefined)
        readOrZero(this.#log, into.subarray(offset, offset + pageSize), place);
    }
  }

  /** Returns what waits for the verdict; the bytes may be read before. */
  startCheck(): () => string | undefined {
    if (this.#check?.check() === true) {
      return () => {
        const answer = this.#endCheck();
        return answer?.kind === "checked" ? answer.problem : checkDatabase(this.reader);
      };
    }
    const problem = checkDatabase(this.reader);
    return () => problem;
  }

  /**
   * The last connection to close tidies up: it copies the log into the database and removes it, unless it
   * may only read. A log that was here before us is not ours to touch, so then the reader goes last; if
   * there was none, the writer goes last and takes the empty one away again.
   */
  close(): void {
    // Its connection, in another thread, is one of this process all the same.
    this.#endCheck();
    const order = this.#hadLog ? [this.#writer, this.reader] : [this.reader, this.#writer];
    for (const connection of order) connection?.close();
    for (const descriptor of this.#descriptors.splice(0)) closeSync(descriptor);
  }

  #endCheck(): CheckAnswer | undefined {
    const check = this.#check;
    this.#check = undefined;
    const { toBegin, perMiB } = slowestCheckInMs;
    return check?.end(toBegin + perMiB * Math.ceil(this.#size() / (1 << 20)));
  }

  /** Bytes of the database and its log. */
  #size(): number {
    return fstatSync(this.#main).size + fstatSync(this.#log).size;
  }

  #number(pragma: "page_size" | "page_count"): number {
    return Number(this.reader.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
  }

  #begin(): void {
    this.reader.exec("BEGIN");
    this.reader.prepare("SELECT count(*) FROM sqlite_schema").get();
  }

  #open(place: string | Buffer): number {
    const descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW);
    this.#descriptors.push(descriptor);
    return descriptor;
  }
}

/** Pages that only the log holds lie beyond the end of the file and come as zero bytes first. */
function readOrZero(descriptor: number, into: Uint8Array, at: number): void {
  for (let total = 0; total < into.length;) {
    const count = readSync(descriptor, into, total, into.length - total, at + total);
    if (count === 0) {
      into.fill(0, total);
      return;
    }
    total += count;
  }
}
