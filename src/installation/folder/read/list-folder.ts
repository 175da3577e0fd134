import { isUtf8 } from "node:buffer";
import { opendirSync } from "node:fs";
import type { Dirent } from "node:fs";
import { decodePath, encodePath, hasEscapedBytes } from "#core/model/path-bytes.ts";

export interface FolderItem {
  /** Encoded as `Entry.path` is. */
  readonly name: string;
  readonly kind: "file" | "directory" | "symlink" | "special";
}

/** Names held at once. Beyond it a folder comes in several pages, each sorted by itself. */
const namesPerPage = 100_000;

/** The content of one folder, sorted by the bytes of the names. Constant memory at any number of entries. */
export function* listFolder(path: string): Generator<FolderItem[]> {
  // As latin1 every byte is one character: names that are not UTF-8 survive, and sorting sorts bytes.
  const directory = opendirSync(path, { encoding: "latin1", bufferSize: 512 });
  try {
    for (;;) {
      const page = readPage(() => directory.readSync());
      if (page.length === 0) return;
      yield page;
    }
  } finally {
    directory.closeSync();
  }
}

/** How the file system knows a name below a folder. `base` ends with a slash. */
export function placeOf(base: string, name: string): string | Buffer {
  if (!hasEscapedBytes(name)) return base + name;
  return Buffer.concat([Buffer.from(base), encodePath(name)]);
}

function readPage(next: () => Dirent | null): FolderItem[] {
  const page: Dirent[] = [];
  while (page.length < namesPerPage) {
    const item = next();
    if (item === null) break;
    page.push(item);
  }
  page.sort((a, b) => (a.name < b.name ? -1 : 1));
  return page.map((item) => ({ name: nameOf(item.name), kind: kindOf(item) }));
}

function nameOf(latin1: string): string {
  // oxlint-disable-next-line no-control-regex -- "nothing but ASCII" is what is asked
  if (/^[\0-\x7f]*$/u.test(latin1)) return latin1;
  const bytes = Buffer.from(latin1, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : decodePath(bytes);
}

function kindOf(item: Dirent): FolderItem["kind"] {
  if (item.isFile()) return "file";
  if (item.isDirectory()) return "directory";
  return item.isSymbolicLink() ? "symlink" : "special";
}
