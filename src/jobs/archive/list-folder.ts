import type { ArchiveIndex } from "#archive/index/index-reader.ts";
import type { IndexedEntry } from "#archive/index/index-record.ts";
import type { EntryType } from "#core/model/entry.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { FirstInOrder } from "./first-in-order.ts";

export interface FolderQuery {
  /** Name of the inner archive's member. */
  readonly member: string;
  /** Path inside the part; empty for its top. */
  readonly folder: string;
  /** Undefined lists one level. With it all that lies below and has the text in its path, in either case of letters. */
  readonly search: string | undefined;
  readonly offset: number;
  readonly limit: number;
}

/** One thing in a folder. */
export interface FolderRow {
  /** Last name of the path. */
  readonly name: string;
  readonly path: string;
  readonly type: EntryType;
  /** Bytes; of a folder those of all files below it. */
  readonly size: number;
  /** How many files lie below a folder; undefined for everything else. */
  readonly files: number | undefined;
  /** Seconds since 1970; undefined for a folder that the archive does not name by itself. */
  readonly mtime: number | undefined;
  /** Permission bits; undefined as `mtime`. */
  readonly mode: number | undefined;
  readonly linkTarget: string | undefined;
}

export interface FolderPage {
  /** How many rows there are without offset and limit. */
  readonly total: number;
  /** Of one level folders first, each kind by name; of a search in the order of the archive. */
  readonly rows: readonly FolderRow[];
}

/**
 * One level of a folder, or what is found below it, from an index, which is read once. Memory is bounded by offset
 * and limit, however many files there are. Rejects with `not-found` for a folder that is not there.
 */
export async function listFolder(index: ArchiveIndex, query: FolderQuery): Promise<FolderPage> {
  const collected =
    query.search === undefined ? new Level(query) : new Findings(query, query.search);
  const folder = query.folder === "" ? "" : `${query.folder}/`;
  let isThere = folder === "";
  for await (const entries of index.entries(query.member)) {
    for (const indexed of entries) {
      const path = plain(indexed.entry.path);
      if (`${path}/` === folder) isThere = true;
      if (path === "" || !path.startsWith(folder)) continue;
      isThere = true;
      collected.add(path, path.slice(folder.length), indexed);
    }
  }
  if (isThere) return collected.page();
  throw new SafehouseError("not-found", `There is no folder ${query.folder} in this part`, {
    subject: query.folder,
  });
}

/** Archives of others have `./` in front. */
function plain(path: string): string {
  return path.replace(/^(?:\.\/+)+/, "").replace(/^\.$/, "");
}

function rowOf(path: string, { entry }: IndexedEntry): FolderRow {
  const { type, size, mtime, mode, linkTarget } = entry;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const files = type === "directory" ? 0 : undefined;
  return { name, path, type, size, files, mtime, mode, linkTarget };
}

interface FolderSum {
  files: number;
  size: number;
  own: IndexedEntry | undefined;
}

/** So many folders lie side by side in no home; their sums are only known at the end, so all have to be kept. */
const mostFolders = 50_000;

class Level {
  readonly #query: FolderQuery;
  readonly #folders = new Map<string, FolderSum>();
  readonly #files: FirstInOrder<FolderRow>;

  constructor(query: FolderQuery) {
    this.#query = query;
    this.#files = new FirstInOrder(query.offset + query.limit, ({ name }) => name);
  }

  add(path: string, below: string, indexed: IndexedEntry): void {
    const slash = below.indexOf("/");
    if (slash < 0 && indexed.entry.type !== "directory") {
      this.#files.add(rowOf(path, indexed));
      return;
    }
    const sum = this.#folder(slash < 0 ? below : below.slice(0, slash));
    if (slash < 0) sum.own = indexed;
    if (indexed.entry.type !== "file") return;
    sum.files += 1;
    sum.size += indexed.entry.size;
  }

  page(): FolderPage {
    const { folder, offset, limit } = this.#query;
    const names = [...this.#folders.keys()].toSorted();
    const folders = names.slice(offset, offset + limit).map((name) => {
      const sum = this.#folders.get(name);
      const path = folder === "" ? name : `${folder}/${name}`;
      const { mtime, mode } = sum?.own?.entry ?? {};
      const { files = 0, size = 0 } = sum ?? {};
      return {
        name,
        path,
        type: "directory",
        size,
        files,
        mtime,
        mode,
        linkTarget: undefined,
      } as const;
    });
    const from = Math.max(0, offset - names.length);
    const files = this.#files.first().slice(from, from + limit - folders.length);
    return { total: names.length + this.#files.count, rows: [...folders, ...files] };
  }

  #folder(name: string): FolderSum {
    const known = this.#folders.get(name);
    if (known !== undefined) return known;
    if (this.#folders.size >= mostFolders)
      throw new SafehouseError("unsupported", `More than ${mostFolders} folders lie side by side`, {
        advice: "Search for a name instead",
      });
    const sum = { files: 0, size: 0, own: undefined };
    this.#folders.set(name, sum);
    return sum;
  }
}

class Findings {
  readonly #query: FolderQuery;
  readonly #text: string;
  readonly #rows: FolderRow[] = [];
  #count = 0;

  constructor(query: FolderQuery, search: string) {
    this.#query = query;
    this.#text = search.toLowerCase();
  }

  add(path: string, below: string, indexed: IndexedEntry): void {
    if (!below.toLowerCase().includes(this.#text)) return;
    const { offset, limit } = this.#query;
    if (this.#count >= offset && this.#rows.length < limit) this.#rows.push(rowOf(path, indexed));
    this.#count += 1;
  }

  page(): FolderPage {
    return { total: this.#count, rows: this.#rows };
  }
}
