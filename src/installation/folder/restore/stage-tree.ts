import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  futimesSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import type { Entry } from "#core/model/entry.ts";
import { isOwner, setDirectoryFacts, setOwner } from "./directory-facts.ts";
import type { DirectoryFacts } from "./directory-facts.ts";
import { diskText, factsOf, hasCode, onDisk, parentOf } from "./disk-path.ts";
import type { DiskPath } from "./disk-path.ts";
import { LineFile, readLines } from "./line-file.ts";
import { isRecord } from "./is-record.ts";
import { removeTree } from "./remove-tree.ts";

const createNew = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const rememberedDirectories = 20_000;

/** Thrown for an entry that cannot stand where it wants to. */
export class Misplaced extends Error {
  override readonly name = "Misplaced";
}

/**
 * A tree that grows from an archive's entries inside of a fresh folder of ours.
 * • Everything is created anew, and only in real directories of the tree: no link is ever followed.
 */
export class StageTree implements Disposable {
  readonly base: string;
  /** Directories that no entry described. */
  readonly implicit = new Set<string>([""]);
  /** False once an owner could not be set. */
  ownersKept = true;
  readonly #listPath: string;
  readonly #list: LineFile;
  readonly #directories = new Set<string>([""]);
  readonly #uid = process.geteuid?.() ?? 0;
  readonly #gid = process.getegid?.() ?? 0;

  /** @param base is created @param list a scratch file beside it */
  constructor(base: string, list: string) {
    this.base = base;
    mkdirSync(base, { mode: 0o700 });
    this.#listPath = list;
    this.#list = new LineFile(list);
  }

  /** Describes a directory; its facts are set at the end, for its content comes later. @returns as `openFile` */
  addDirectory(path: string, entry: Entry): boolean {
    const replaced = this.#clearFor(path, true);
    if (!this.#enter(path)) throw new Misplaced(path);
    this.implicit.delete(path);
    const { uid, gid, mode } = entry;
    this.#list.write({
      path,
      facts: { mode: mode & 0o7777, uid, gid, mtime: safeTime(entry.mtime) },
    });
    return replaced;
  }

  /** @returns the open file, and whether an earlier entry had to give way */
  openFile(path: string): { file: number; replaced: boolean } {
    const replaced = this.#place(path);
    return { file: openSync(onDisk(this.base, path), createNew, 0o600), replaced };
  }

  closeFile(file: number, entry: Entry, mode: number): void {
    try {
      this.#ownFile(file, entry);
      fchmodSync(file, mode);
      const mtime = safeTime(entry.mtime);
      futimesSync(file, mtime, mtime);
    } finally {
      closeSync(file);
    }
  }

  addSymlink(path: string, entry: Entry): boolean {
    const replaced = this.#place(path);
    const place = onDisk(this.base, path);
    symlinkSync(diskText(entry.linkTarget ?? ""), place);
    if (this.#foreign(entry) && !setOwner(place, entry.uid, entry.gid)) this.ownersKept = false;
    const mtime = safeTime(entry.mtime);
    lutimesSync(place, mtime, mtime);
    return replaced;
  }

  /** A second name of a staged file or link. */
  addHardlink(path: string, target: string): boolean {
    const facts = this.#isPlaced(target) ? factsOf(onDisk(this.base, target)) : undefined;
    if (facts === undefined || facts.isDirectory()) throw new Misplaced(path);
    // What stands at its place gives way first, and its target with it.
    if (target === path || target.startsWith(`${path}/`)) throw new Misplaced(path);
    const replaced = this.#place(path);
    linkOrCopy(onDisk(this.base, target), onDisk(this.base, path));
    return replaced;
  }

  /** Gives every described directory its mode, owner and time. */
  settle(): void {
    this.#list.sync();
    const late: { path: string; facts: DirectoryFacts }[] = [];
    for (const line of readLines(this.#listPath)) {
      if (!isDescription(line)) continue;
      // Without this, a folder that forbids entering it would hide those below it from its own owner.
      if (this.#uid !== 0 && (line.facts.mode & 0o700) !== 0o700) late.push(line);
      else this.#describe(line);
    }
    for (const line of late.toSorted((a, b) => b.path.length - a.path.length)) this.#describe(line);
    for (const path of this.implicit) this.#describeImplicit(path);
  }

  [Symbol.dispose](): void {
    this.#list[Symbol.dispose]();
    unlinkSync(this.#listPath);
  }

  #describe({ path, facts }: { path: string; facts: DirectoryFacts }): void {
    // It may have given way to a later entry of the same name, or something above it to a link.
    if (!this.#isPlaced(path) || !factsOf(onDisk(this.base, path))?.isDirectory()) return;
    setDirectoryFacts(onDisk(this.base, path), facts);
    const now = factsOf(onDisk(this.base, path));
    if (now?.uid !== facts.uid || now.gid !== facts.gid) this.ownersKept = false;
  }

  #describeImplicit(path: string): void {
    const place = onDisk(this.base, path);
    const facts = this.#isPlaced(path) ? factsOf(place) : undefined;
    if (!facts?.isDirectory()) return;
    setDirectoryFacts(place, {
      mode: 0o755,
      uid: facts.uid,
      gid: facts.gid,
      mtime: facts.mtimeMs / 1000,
    });
  }

  /** Makes room at a path, below real directories only. */
  #place(path: string): boolean {
    const parent = parentOf(path);
    if (parent === undefined || !this.#enter(parent)) throw new Misplaced(path);
    return this.#clearFor(path, false);
  }

  /** True if the directory is there, or could be made, and nothing on the way to it is anything else. */
  #enter(path: string): boolean {
    if (this.#directories.has(path)) return true;
    if (!this.#enter(parentOf(path) ?? "")) return false;
    const place = onDisk(this.base, path);
    try {
      mkdirSync(place, { mode: 0o700 });
      this.implicit.add(path);
    } catch (error) {
      if (!hasCode(error, "EEXIST")) throw error;
      if (!factsOf(place)?.isDirectory()) return false;
    }
    this.#remember(path);
    return true;
  }

  #remember(path: string): void {
    if (this.#directories.size >= rememberedDirectories) this.#forget();
    this.#directories.add(path);
  }

  #forget(): void {
    this.#directories.clear();
    this.#directories.add("");
  }

  /** True if every directory on the way to a path is a real one. */
  #isPlaced(path: string): boolean {
    const parent = parentOf(path);
    if (parent === undefined || this.#directories.has(parent)) return true;
    if (!this.#isPlaced(parent) || !factsOf(onDisk(this.base, parent))?.isDirectory()) return false;
    this.#remember(parent);
    return true;
  }

  /** As Python's reader does, the last entry of a name wins. */
  #clearFor(path: string, directory: boolean): boolean {
    if (!this.#isPlaced(path)) return false;
    const place = onDisk(this.base, path);
    const facts = factsOf(place);
    if (facts === undefined || (directory && facts.isDirectory())) return false;
    if (facts.isDirectory()) {
      removeTree(`${this.base}/${path}`);
      this.#forget();
      for (const known of this.implicit)
        if (known === path || known.startsWith(`${path}/`)) this.implicit.delete(known);
    } else unlinkSync(place);
    return true;
  }

  #foreign({ uid, gid }: Entry): boolean {
    return uid !== this.#uid || gid !== this.#gid;
  }

  #ownFile(file: number, entry: Entry): void {
    if (!this.#foreign(entry)) return;
    if (!isOwner(entry)) {
      this.ownersKept = false;
      return;
    }
    try {
      fchownSync(file, entry.uid, entry.gid);
    } catch (error) {
      if (!hasCode(error, "EPERM", "EINVAL", "ENOTSUP")) throw error;
      this.ownersKept = false;
    }
  }
}

export function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at);
}

function linkOrCopy(from: DiskPath, to: DiskPath): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!hasCode(error, "EPERM", "EMLINK", "ENOTSUP", "EOPNOTSUPP")) throw error;
    // A copy would follow a link to wherever it points.
    if (factsOf(from)?.isSymbolicLink() === true)
      symlinkSync(readlinkSync(from, { encoding: "buffer" }), to);
    else copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

/** Seconds that every file system and system call takes. */
function safeTime(seconds: number): number {
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, -0x8000_0000), 0x3_ffff_ffff) : 0;
}

function isDescription(line: unknown): line is { path: string; facts: DirectoryFacts } {
  return isRecord(line) && typeof line["path"] === "string" && isRecord(line["facts"]);
}
