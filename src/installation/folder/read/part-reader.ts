import { closeSync, constants, fstatSync, lstatSync, openSync } from "node:fs";
import type { Stats } from "node:fs";
import type { EntryNote } from "#core/model/part-event.ts";
import { isRecorderDatabase } from "#core/rules/official-exclusions.ts";
import type { BatchSender } from "./batch-sender.ts";
import { describeFileError, fileErrorCode } from "./file-error.ts";
import { sendFile } from "./send-file.ts";
import { placeOf } from "./list-folder.ts";
import { bufferBytes } from "./reader-protocol.ts";
import type { ReaderTask } from "./reader-protocol.ts";
import { openSnapshot } from "./sqlite-snapshot.ts";
import type { DatabaseSnapshot } from "./sqlite-snapshot.ts";
import { holdsDatabase, isDatabaseFile } from "./sqlite-file.ts";
import type { OpenFolder, PartVisitor } from "./walk-part.ts";

/** Reads what a walk meets into batches. Runs in the reader's thread; every call blocks. */
export class PartReader implements PartVisitor {
  readonly #task: ReaderTask;
  readonly #sender: BatchSender;

  constructor(task: ReaderTask, sender: BatchSender) {
    this.#task = task;
    this.#sender = sender;
  }

  folder(folder: OpenFolder, stat: Stats): void {
    if (folder.inside === "") this.#top(stat);
    else this.#sender.entry({ ...attributes(stat), path: folder.path, type: "directory", size: 0 });
  }

  symlink({ path, target, stat }: { path: string; target: string; stat: Stats }): void {
    this.#sender.entry({ ...attributes(stat), path, type: "symlink", size: 0, linkTarget: target });
  }

  note(note: EntryNote): void {
    this.#sender.note(note);
  }

  file(folder: OpenFolder, name: string): void {
    if (this.#goesWithDatabase(folder, name)) return;
    const place = placeOf(folder.base, name);
    const descriptor = openFile(place);
    let database: Stats | undefined;
    try {
      const stat = fstatSync(descriptor);
      if (stat.isFile() && holdsDatabase(descriptor, stat.size)) database = stat;
      else this.#plainFile(folder, { name, descriptor, stat });
    } finally {
      // This process has no connection to any database here, so closing drops none of SQLite's locks.
      closeSync(descriptor);
    }
    if (database !== undefined) this.#database(folder, { name, stat: database, place });
  }

  /** `.`, the document beside the data and `data`, as official readers want them. */
  #top(stat: Stats): void {
    const own = { mode: 0o700, uid: 0, gid: 0, mtime: stat.mtimeMs / 1000 };
    const { document, part } = this.#task;
    const dot = part.kind === "folder" ? attributes(stat) : own;
    this.#sender.entry({ ...dot, path: ".", type: "directory", size: 0 });
    if (part.kind === "folder") return;
    if (document !== undefined) {
      const bytes = Buffer.from(document.text);
      this.#sender.entry({
        ...own,
        mode: 0o600,
        path: `./${document.name}`,
        type: "file",
        size: bytes.length,
      });
      this.#sendBytes(bytes);
    }
    this.#sender.entry({ ...attributes(stat), path: "data", type: "directory", size: 0 });
  }

  #sendBytes(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const room = this.#sender.room(1);
      const piece = bytes.subarray(at, at + room.length);
      room.set(piece);
      this.#sender.filled(piece.length);
      at += piece.length;
    }
  }

  #plainFile(
    folder: OpenFolder,
    { name, descriptor, stat }: { name: string; descriptor: number; stat: Stats },
  ): void {
    const path = entryPath(folder, name);
    if (!stat.isFile()) {
      this.note({
        path,
        problem: "special",
        message: `${path} is no longer a file and was left out`,
      });
      return;
    }
    folder.keep();
    sendFile(this.#sender, { descriptor, path, size: stat.size, attributes: attributes(stat) });
  }

  /**
   * Whether a file is the log, index or journal of a database beside it. Those make no sense without the
   * very database that they belong to, and the snapshot of that one already holds what they hold.
   */
  #goesWithDatabase(folder: OpenFolder, name: string): boolean {
    const [, base, kind] = /^(.+)-(wal|shm|journal)$/su.exec(name) ?? [];
    if (base === undefined) return false;
    const known =
      folder.databases.get(base) ??
      (isDatabaseFile(placeOf(folder.base, base)) ? "snapshot" : "none");
    folder.databases.set(base, known);
    return known === "snapshot" || (known === "plain" && kind === "shm");
  }

  #database(
    folder: OpenFolder,
    found: { name: string; stat: Stats; place: string | Buffer },
  ): void {
    const { name, place } = found;
    const path = entryPath(folder, name);
    const opened = openSnapshot(place, this.#task.scratch);
    if ("refusal" in opened) {
      folder.databases.set(name, "plain");
      this.note({
        path,
        problem: "database",
        message: `${path} was copied as a plain file: ${opened.refusal}`,
      });
      this.#reopenPlain(folder, found);
      return;
    }
    folder.databases.set(name, "snapshot");
    folder.keep();
    for (const problem of this.#sendSnapshot(path, found.stat, opened))
      this.note({ path, problem: "database", message: `${path}: ${problem}` });
    const isRecorder =
      folder.inside === "" && this.#task.part.kind === "homeassistant" && isRecorderDatabase(name);
    if (opened.usesWal || isRecorder) this.#emptyLog(folder, found);
  }

  #reopenPlain(
    folder: OpenFolder,
    { name, place }: { name: string; place: string | Buffer },
  ): void {
    const descriptor = openFile(place);
    try {
      this.#plainFile(folder, { name, descriptor, stat: fstatSync(descriptor) });
    } finally {
      closeSync(descriptor);
    }
  }

  /** Sends the snapshot's bytes and closes it. Returns what went wrong on the way. */
  #sendSnapshot(path: string, stat: Stats, snapshot: DatabaseSnapshot): readonly string[] {
    let problem: string | undefined;
    let doubts: readonly string[] = [];
    try {
      this.#sender.entry({ ...attributes(stat), path, type: "file", size: snapshot.size });
      for (let at = 0; at < snapshot.size; at += bufferBytes) {
        const piece = this.#sender.room(bufferBytes).subarray(0, snapshot.size - at);
        problem = readPiece(snapshot, piece, at) ?? problem;
        this.#sender.filled(piece.length);
      }
    } finally {
      doubts = snapshot.close();
    }
    return problem === undefined ? doubts : [problem, ...doubts];
  }

  /** Official software that restores the database alone expects its log as well (docs/format.md, section 6.1). */
  #emptyLog(folder: OpenFolder, { name, stat }: { name: string; stat: Stats }): void {
    const log = `${name}-wal`;
    if (folder.rules.decide(log, { isDirectory: false, size: 0 }).excluded) return;
    this.#sender.entry({
      ...attributes(stat),
      path: entryPath(folder, log),
      type: "file",
      size: 0,
    });
  }
}

function readPiece(snapshot: DatabaseSnapshot, piece: Uint8Array, at: number): string | undefined {
  try {
    snapshot.read(piece, at);
    return undefined;
  } catch (error) {
    piece.fill(0);
    return `a piece could not be read and was filled with zero bytes: ${describeFileError(error).reason}`;
  }
}

/**
 * Opens without following a link and without waiting for a pipe that has taken the file's place.
 * A file server's lease answers such an open with `EAGAIN`; only then waiting is right.
 */
function openFile(place: string | Buffer): number {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
  try {
    return openSync(place, flags | constants.O_NONBLOCK);
  } catch (error) {
    if (fileErrorCode(error) !== "EAGAIN" || !lstatSync(place).isFile()) throw error;
    return openSync(place, flags);
  }
}

function attributes(stat: Stats): { mode: number; uid: number; gid: number; mtime: number } {
  return { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid, mtime: stat.mtimeMs / 1000 };
}

function entryPath(folder: OpenFolder, name: string): string {
  return folder.path === "" ? name : `${folder.path}/${name}`;
}
