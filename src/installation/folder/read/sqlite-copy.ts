import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { checkDatabase } from "./check-database.ts";
import type { DatabaseSnapshot } from "./sqlite-snapshot.ts";

const lockTimeoutInMs = 3000;
/** A reader of a database without a log keeps writers out, so the lock is held no longer than this. */
const longestLockInMs = 1000;
const attempts = 5;

/**
 * Copies a database that keeps no write-ahead log into the scratch folder, under a shared lock. If that
 * takes too long the rest is copied without the lock, and the copy counts only if nothing was written
 * meanwhile. SQLite's own one-step backup would hold the lock to the end, however large the file is.
 *
 * @returns undefined if the database was written to during each attempt
 */
export function openCopiedSnapshot(
  place: string | Buffer,
  scratch: string,
): DatabaseSnapshot | undefined {
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const copy = join(scratch, `${randomUUID()}.db`);
  try {
    for (let attempt = 0; attempt < attempts; attempt += 1)
      if (copyAtRest(place, copy)) return openScratchCopy(copy);
  } catch (error) {
    rmSync(copy, { force: true });
    throw error;
  }
  rmSync(copy, { force: true });
  return undefined;
}

/** A snapshot out of a copy that nobody else knows; the copy goes with it. */
export function openScratchCopy(copy: string): DatabaseSnapshot {
  const connection = new DatabaseSync(copy);
  let problem: string | undefined;
  try {
    problem = checkDatabase(connection);
  } finally {
    connection.close();
  }
  const descriptor = openSync(copy, constants.O_RDONLY);
  const header = new Uint8Array(20);
  readSync(descriptor, header, 0, 20, 0);
  return {
    size: fstatSync(descriptor).size,
    usesWal: header[18] === 2,
    read: (into, at) => readExactly(descriptor, into, at),
    close() {
      closeSync(descriptor);
      rmSync(copy, { force: true });
      return problem === undefined ? [] : [problem];
    },
  };
}

/**
 * Copies from a position to the end of the source, or until `goOn`, asked before each MiB, says no.
 * Returns how far it came.
 */
export function copyBytes(files: CopyPair, from: number, goOn: () => boolean = () => true): number {
  const buffer = new Uint8Array(1 << 20);
  let at = from;
  while (goOn()) {
    const count = readSync(files.source, buffer, 0, buffer.length, at);
    if (count === 0) return at;
    for (let done = 0; done < count;)
      done += writeSync(files.target, buffer, done, count - done, at + done);
    at += count;
  }
  return at;
}

/** Descriptors. */
export interface CopyPair {
  readonly source: number;
  readonly target: number;
}

function copyAtRest(place: string | Buffer, copy: string): boolean {
  const connection = new DatabaseSync(place, { readOnly: true, timeout: lockTimeoutInMs });
  // Trap: closing a descriptor of the database drops the connection's lock, so the connection goes first.
  const source = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  const target = openSync(copy, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600);
  try {
    lock(connection);
    const before = stamp(source);
    const end = performance.now() + longestLockInMs;
    const at = copyBytes({ source, target }, 0, () => performance.now() < end);
    if (at >= fstatSync(source).size) return true;
    connection.exec("ROLLBACK");
    copyBytes({ source, target }, at);
    lock(connection);
    return stamp(source) === before;
  } finally {
    connection.close();
    closeSync(source);
    closeSync(target);
  }
}

/** Only reading takes the shared lock; it also meets a journal that is left over from a crash. */
function lock(connection: DatabaseSync): void {
  connection.exec("BEGIN");
  connection.prepare("SELECT count(*) FROM sqlite_schema").get();
}

/** Changes with every commit and, through its times, with every write that was taken back. */
function stamp(descriptor: number): string {
  const { size, mtimeNs, ctimeNs } = fstatSync(descriptor, { bigint: true });
  const counter = Buffer.alloc(4);
  readSync(descriptor, counter, 0, 4, 24);
  return `${size} ${mtimeNs} ${ctimeNs} ${counter.toString("hex")}`;
}

function readExactly(descriptor: number, into: Uint8Array, at: number): void {
  for (let total = 0; total < into.length;) {
    const count = readSync(descriptor, into, total, into.length - total, at + total);
    if (count === 0)
      throw new RangeError("A copy of a database in the scratch folder became shorter");
    total += count;
  }
}
