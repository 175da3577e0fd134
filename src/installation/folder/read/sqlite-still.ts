import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { checkDatabase } from "./check-database.ts";
import { besideDatabase } from "./sqlite-beside.ts";
import { copyBytes, openScratchCopy } from "./sqlite-copy.ts";
import type { DatabaseSnapshot } from "./sqlite-snapshot.ts";

const attempts = 3;

/**
 * Reads a database that nobody has open, without writing beside it. If a log or journal is left over, it
 * is copied together with the database and SQLite recovers the copy. Otherwise the file itself is whole.
 *
 * @returns undefined if the files changed while they were copied
 */
export function openStillSnapshot(
  place: string | Buffer,
  scratch: string,
): DatabaseSnapshot | undefined {
  const leftOver = (["-wal", "-journal"] as const).filter(
    (suffix) => sizeOf(besideDatabase(place, suffix)) > 0,
  );
  if (leftOver.length === 0) return openUntouched(place);
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const copy = join(scratch, `${randomUUID()}.db`);
    const files = ["" as const, ...leftOver].map((suffix) => ({
      from: beside(place, suffix),
      to: copy + suffix,
    }));
    try {
      if (copyTogether(files)) {
        recover(copy);
        return openScratchCopy(copy);
      }
    } catch (error) {
      removeAll(files);
      throw error;
    }
    removeAll(files);
  }
  return undefined;
}

/** `immutable` reads without locks and without a log; that nothing changed is seen afterwards. */
function openUntouched(place: string | Buffer): DatabaseSnapshot {
  const before = stateOf([place]);
  const url = pathToFileURL(realpathSync.native(place));
  url.searchParams.set("immutable", "1");
  const connection = new DatabaseSync(url, { readOnly: true });
  const descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  const problem = checkAndClose(connection);
  const header = new Uint8Array(20);
  readSync(descriptor, header, 0, 20, 0);
  return {
    size: fstatSync(descriptor).size,
    usesWal: header[18] === 2,
    read(into, at) {
      into.fill(0, readSync(descriptor, into, 0, into.length, at));
    },
    close() {
      closeSync(descriptor);
      const changed =
        stateOf([place]) === before
          ? undefined
          : "it was written to while it was read, so this copy may be damaged";
      return [problem, changed].filter((doubt) => doubt !== undefined);
    },
  };
}

function checkAndClose(connection: DatabaseSync): string | undefined {
  try {
    connection.prepare("SELECT count(*) FROM sqlite_schema").get();
    return checkDatabase(connection);
  } finally {
    connection.close();
  }
}

function recover(copy: string): void {
  const connection = new DatabaseSync(copy);
  try {
    connection.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    connection.prepare("SELECT count(*) FROM sqlite_schema").get();
  } finally {
    connection.close();
  }
}

interface FileCopy {
  readonly from: string | Buffer;
  readonly to: string;
}

function copyTogether(files: readonly FileCopy[]): boolean {
  const sources = files.map(({ from }) => from);
  const before = stateOf(sources);
  for (const { from, to } of files) {
    const source = openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW);
    const target = openSync(to, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
    try {
      copyBytes({ source, target }, 0);
    } finally {
      closeSync(source);
      closeSync(target);
    }
  }
  return stateOf(sources) === before;
}

function stateOf(places: readonly (string | Buffer)[]): string {
  return places
    .map((place) => {
      const stat = statSync(place, { bigint: true, throwIfNoEntry: false });
      return stat === undefined
        ? "absent"
        : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
    })
    .join("\n");
}

function sizeOf(place: string | Buffer): number {
  return statSync(place, { throwIfNoEntry: false })?.size ?? 0;
}

function beside(place: string | Buffer, suffix: "" | "-wal" | "-journal"): string | Buffer {
  return suffix === "" ? place : besideDatabase(place, suffix);
}

function removeAll(files: readonly FileCopy[]): void {
  for (const { to } of files) rmSync(to, { force: true });
}
