import type { Stats } from "node:fs";
import { readLines } from "./line-file.ts";
import { isRecord } from "./is-record.ts";

/** What a restore left at one path: an entry of the backup, or something that was carried over whole. */
export type ManifestLine = ManifestEntry | { readonly path: string; readonly keep: true };

interface ManifestEntry {
  readonly path: string;
  /** File type and permission bits. */
  readonly mode: number;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

export function manifestLine(path: string, facts: Stats): ManifestLine {
  return { path, mode: facts.mode, size: facts.isFile() ? facts.size : 0, mtime: facts.mtimeMs };
}

/**
 * Whether an entry is still what was restored. Folders are known by what is in them. The time of the last
 * change of status would tell more, but renames and second names, ours among them, move it too.
 */
export function isAsRestored(line: ManifestEntry, facts: Stats): boolean {
  if (facts.isDirectory()) return (line.mode & 0o170000) === (facts.mode & 0o170000);
  return (
    line.mode === facts.mode &&
    line.mtime === facts.mtimeMs &&
    (!facts.isFile() || line.size === facts.size)
  );
}

/** Lines of a manifest, one after the other. */
export class ManifestReader {
  readonly #lines: Generator<unknown, void, undefined>;
  #next: ManifestLine | undefined;

  constructor(path: string) {
    this.#lines = readLines(path);
    this.#next = this.#read();
  }

  /** The line at hand; undefined at the end. */
  peek(): ManifestLine | undefined {
    return this.#next;
  }

  advance(): void {
    this.#next = this.#read();
  }

  #read(): ManifestLine | undefined {
    for (let step = this.#lines.next(); !step.done; step = this.#lines.next()) {
      if (isManifestLine(step.value)) return step.value;
    }
    return undefined;
  }
}

/** Order of a walk that takes the names of each folder sorted: negative if `a` comes first. */
export function compareInWalk(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  for (const [at, name] of left.entries()) {
    const other = right[at];
    if (other === undefined) return 1;
    if (name !== other) return name < other ? -1 : 1;
  }
  return left.length - right.length;
}

function isManifestLine(value: unknown): value is ManifestLine {
  return (
    isRecord(value) &&
    typeof value["path"] === "string" &&
    (value["keep"] === true || typeof value["mode"] === "number")
  );
}
