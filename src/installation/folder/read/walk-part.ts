import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  statSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { decodePath } from "#core/model/path-bytes.ts";
import type { EntryNote } from "#core/model/part-event.ts";
import type { FolderRules } from "#core/rules/decide.ts";
import { compilePartRules } from "#core/rules/part-rules.ts";
import type { PartRules } from "#core/rules/part-rules.ts";
import { listFolder, placeOf } from "./list-folder.ts";
import type { FolderItem } from "./list-folder.ts";
import { mountPointsBelow } from "./mount-points.ts";
import type { ReaderTask } from "./reader-protocol.ts";
import { describeFileError } from "./file-error.ts";

/** What a walk meets. Excluded entries come only to `leftOut`, and only if that is there. */
export interface PartVisitor {
  /** A folder that goes in; called before anything that lies in it. */
  folder(folder: OpenFolder, stat: Stats): void;
  /** A file that goes in. @param stat known only if a rule asks for sizes or `leftOut` is there */
  file(folder: OpenFolder, name: string, stat: Stats | undefined): void;
  symlink(found: { readonly path: string; readonly target: string; readonly stat: Stats }): void;
  note(note: EntryNote): void;
  /** Counts what a rule leaves out; with it, excluded folders are walked too. */
  leftOut?(rule: number, stat: Stats): void;
}

/**
 * A folder that is being walked. Everything in it is reached through its descriptor, so that nobody can
 * lead the walk out of the part by putting a symbolic link in place of a folder above.
 */
export interface OpenFolder {
  /** Path in the archive, `""` where entries stand at the top. */
  readonly path: string;
  /** Path below the part's root. */
  readonly inside: string;
  /** `/proc/self/fd/<n>/` */
  readonly base: string;
  readonly rules: FolderRules;
  readonly depth: number;
  /** Databases met so far in this folder, for the files that go with them. */
  readonly databases: Map<string, "snapshot" | "plain" | "none">;
  /** Emits the folder and those above unless that is done. */
  readonly keep: () => void;
}

const deepest = 1000;

/** Walks a part in the order of its archive: names sorted by bytes, a folder before its content. */
export function walkPart(task: ReaderTask, visitor: PartVisitor): void {
  new Walk(task, visitor).run();
}

class Walk {
  readonly #task: ReaderTask;
  readonly #visitor: PartVisitor;
  readonly #rules: PartRules;
  readonly #needsSizes: boolean;
  readonly #needsTags: boolean;
  readonly #mounts: ReadonlySet<string>;
  readonly #ownData: string | undefined;
  #device = 0;

  constructor(task: ReaderTask, visitor: PartVisitor) {
    this.#task = task;
    this.#visitor = visitor;
    this.#rules = compilePartRules(task.part, task);
    this.#needsSizes =
      visitor.leftOut !== undefined || task.rules.some((rule) => rule.largerThan !== undefined);
    this.#needsTags = task.rules.some((rule) => rule.cacheDirTag === true);
    this.#mounts = mountPointsBelow(task.root);
    const ownData = statSync(task.dataDir, { throwIfNoEntry: false });
    this.#ownData = ownData === undefined ? undefined : identity(ownData);
  }

  run(): void {
    // Following a link is right here and nowhere else: the root is what the user pointed at.
    const descriptor = openSync(this.#task.root, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      const stat = fstatSync(descriptor);
      this.#device = stat.dev;
      const base = `/proc/self/fd/${descriptor}/`;
      const tagged = this.#needsTags && holdsCacheTag(base);
      const names = this.#rules.folder.split("/");
      const above = names.slice(0, -1).join("/");
      const set = this.#rules.set;
      const rules = (above === "" ? set.top : set.open(above)).enter(names.at(-1) ?? "", tagged);
      const path = this.#task.part.kind === "folder" ? "" : "data";
      const root: OpenFolder = {
        path,
        inside: "",
        base,
        rules,
        depth: 0,
        databases: new Map(),
        keep: () => undefined,
      };
      this.#visitor.folder(root, stat);
      this.#walkContent(root);
    } finally {
      closeSync(descriptor);
    }
  }

  #walkContent(folder: OpenFolder): void {
    try {
      for (const page of listFolder(folder.base))
        for (const item of page) this.#visit(folder, item);
    } catch (error) {
      this.#note(
        folder.path === "" ? "." : folder.path,
        error,
        "could not be listed, so what was not yet read is missing",
      );
    }
  }

  #visit(folder: OpenFolder, item: FolderItem): void {
    const path = join(folder.path, item.name);
    try {
      if (item.kind === "directory") this.#visitFolder(folder, item.name);
      else this.#visitOther(folder, item);
    } catch (error) {
      this.#note(path, error, "was left out");
    }
  }

  #visitOther(folder: OpenFolder, item: FolderItem): void {
    const place = placeOf(folder.base, item.name);
    const early = this.#needsSizes || item.kind === "symlink" ? lstatSync(place) : undefined;
    const size = early !== undefined && item.kind === "file" ? early.size : 0;
    const { excluded, rule } = folder.rules.decide(item.name, { isDirectory: false, size });
    if (!excluded) this.#goesIn(folder, item, early);
    else if (early !== undefined && rule !== undefined) this.#visitor.leftOut?.(rule, early);
  }

  #goesIn(folder: OpenFolder, { name, kind }: FolderItem, stat: Stats | undefined): void {
    const path = join(folder.path, name);
    if (kind === "special") {
      const message = `${path} is a socket, a pipe or a device and was left out`;
      this.#visitor.note({ path, problem: "special", message });
    } else if (kind === "file") this.#visitor.file(folder, name, stat);
    else if (stat !== undefined) {
      const target = decodePath(readlinkSync(placeOf(folder.base, name), "buffer"));
      folder.keep();
      this.#visitor.symlink({ path, target, stat });
    }
  }

  #visitFolder(above: OpenFolder, name: string): void {
    const { excluded } = above.rules.decide(name, { isDirectory: true, size: 0 });
    const enters =
      !excluded || this.#visitor.leftOut !== undefined || above.rules.mayHoldExceptions(name);
    if (!enters) return;
    const place = placeOf(above.base, name);
    const descriptor = openSync(
      place,
      constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
    );
    try {
      const stat = fstatSync(descriptor);
      if (identity(stat) === this.#ownData) return;
      this.#enter(above, { name, stat, excluded, base: `/proc/self/fd/${descriptor}/` });
    } finally {
      closeSync(descriptor);
    }
  }

  #enter(
    above: OpenFolder,
    found: { name: string; stat: Stats; excluded: boolean; base: string },
  ): void {
    const { name, stat, excluded, base } = found;
    const inside = join(above.inside, name);
    const isMount = stat.dev !== this.#device || this.#mounts.has(inside);
    const rules = above.rules.enter(name, this.#needsTags && !isMount && holdsCacheTag(base));
    let kept = false;
    const keep = (): void => {
      if (kept) return;
      kept = true;
      above.keep();
      this.#visitor.folder(folder, stat);
    };
    const path = join(above.path, name);
    const folder: OpenFolder = {
      path,
      inside,
      base,
      rules,
      depth: above.depth + 1,
      databases: new Map(),
      keep,
    };
    if (!excluded) keep();
    if (isMount && !excluded) {
      this.#visitor.note({
        path,
        problem: "mount",
        message: `${path} is another file system or a mount; its content was left out`,
      });
    } else if (folder.depth > deepest) {
      this.#visitor.note({
        path,
        problem: "unreadable",
        message: `${path} is nested too deeply; its content was left out`,
      });
    } else if (!isMount) this.#walkContent(folder);
  }

  #note(path: string, error: unknown, consequence: string): void {
    const { problem, reason } = describeFileError(error);
    this.#visitor.note({ path, problem, message: `${path} ${consequence}: ${reason}` });
  }
}

function join(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

function identity(stat: Stats): string {
  return `${stat.dev}:${stat.ino}`;
}

/** Whether a folder calls itself a cache (the Cache Directory Tagging Specification). */
function holdsCacheTag(base: string): boolean {
  const signature = "Signature: 8a477f597d28d172789f06886806bc55";
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const path = `${base}CACHEDIR.TAG`;
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  const descriptor = openSync(path, flags);
  try {
    const bytes = new Uint8Array(signature.length);
    const count = readSync(descriptor, bytes);
    return Buffer.from(bytes.subarray(0, count)).toString("latin1") === signature;
  } finally {
    closeSync(descriptor);
  }
}
