import type { Entry } from "#core/model/entry.ts";
import type { EntryNote, PartEvent, PartEvents } from "#core/model/part-event.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { cleanPath, isOurs, linkInside } from "./clean-path.ts";
import { factsOf, hasCode, onDisk } from "./disk-path.ts";
import { checkReserve, fullWhileStaging } from "./disk-space.ts";
import type { Layout } from "./layout.ts";
import { Notes } from "./notes.ts";
import { Misplaced, writeAll } from "./stage-tree.ts";
import type { StageTree } from "./stage-tree.ts";

/** What one part left in its stage. */
export interface PartResult {
  /** Entries of every kind that came, skipped ones included. */
  readonly entries: number;
  readonly files: number;
  readonly bytes: number;
  /** Content of `addon.json`. */
  readonly remembered: Uint8Array | undefined;
  readonly notes: Notes;
}

export interface StageTask {
  readonly tree: StageTree;
  readonly layout: Layout;
  /** The folder whose files will be replaced. */
  readonly home: string;
  readonly part: string;
  /** A file whose content ends early is kept as far as it came; else that is `damaged`. */
  readonly keepsTorn?: boolean;
}

const rememberedBytes = 4 * 1024 * 1024;
const bytesBetweenChecks = 32 * 1024 * 1024;
const entriesBetweenChecks = 1024;
/** Bytes of a path on Linux; its directories are made one by one. */
const longestPath = 4096;
/** Far more folders than people make; every system call walks through all of them. */
const deepest = 256;

/** Writes the entries of a part into its stage. File calls are synchronous: awaits would cost more than they. */
export async function stagePart(
  task: StageTask,
  events: PartEvents,
  signal: AbortSignal,
): Promise<PartResult> {
  const writer = new PartWriter(task);
  try {
    for await (const batch of events) {
      if (signal.aborted) throw new SafehouseError("cancelled", "The restore was cancelled");
      writer.take(batch);
    }
    return writer.end();
  } catch (error) {
    writer.abandon();
    if (hasCode(error, "ENOSPC", "EDQUOT")) throw fullWhileStaging(task.home, writer.bytes);
    throw error;
  }
}

/** Content of the entry at hand goes to a file, to memory or nowhere. */
type Sink = { entry: Entry; left: number; file?: number; mode: number; kept?: Uint8Array[] };

function shortened(target: string): string {
  return target.length <= 200 ? target : `${target.slice(0, 200)}…`;
}

class PartWriter {
  readonly #task: StageTask;
  readonly #notes = new Notes();
  #sink: Sink | undefined;
  #remembered: Uint8Array | undefined;
  #entries = 0;
  #files = 0;
  #uncheckedBytes = bytesBetweenChecks;
  bytes = 0;

  constructor(task: StageTask) {
    this.#task = task;
  }

  take(batch: readonly PartEvent[]): void {
    for (const event of batch) {
      if (event.kind === "data") this.#write(event.bytes);
      else if (event.kind === "entry") this.#begin(event.entry);
      else this.#notes.add(event.note);
    }
  }

  end(): PartResult {
    if (this.#task.keepsTorn === true) this.#keepTorn();
    this.#finish();
    const { tree } = this.#task;
    tree.settle();
    return {
      entries: this.#entries,
      files: this.#files,
      bytes: this.bytes,
      remembered: this.#remembered,
      notes: this.#notes,
    };
  }

  #keepTorn(): void {
    const { entry, left, file } = this.#sink ?? {};
    if (entry === undefined || left === undefined || left === 0 || file === undefined) return;
    this.#note(entry, "unreadable", `Its last ${left} bytes cannot be read and are missing`);
    this.abandon();
  }

  /** Lets go of an open file after a failure. */
  abandon(): void {
    const { file, entry, mode } = this.#sink ?? {};
    this.#sink = undefined;
    if (file !== undefined && entry !== undefined)
      this.#task.tree.closeFile(file, entry, mode ?? 0o600);
  }

  #begin(entry: Entry): void {
    this.#finish();
    this.#entries += 1;
    if (this.#entries % entriesBetweenChecks === 0) this.#checkSpace();
    this.#sink = { entry, left: entry.type === "file" ? entry.size : 0, mode: 0 };
    if (entry.path.length > longestPath)
      return this.#note(
        entry,
        "unsupported",
        "Its name is longer than any system takes, so it was not restored",
      );
    const path = cleanPath(entry.path);
    if (path === undefined)
      return this.#note(entry, "unsafe", "Its name leads out of the part, so it was not restored");
    if (isOurs(path))
      return this.#note(
        entry,
        "unsafe",
        "It would lie among Safehouse's own files, so it was not restored",
      );
    if (path.split("/", deepest + 1).length > deepest)
      return this.#note(
        entry,
        "unsupported",
        `It lies below more than ${deepest} folders, so it was not restored`,
      );
    this.#place(path, entry);
  }

  #place(path: string, entry: Entry): void {
    const placement = this.#task.layout.place(path);
    if (placement.kind === "skip") return;
    if (placement.kind === "note") {
      const { subject, problem, message } = placement;
      return this.#notes.addOnce({ path: subject, problem, message });
    }
    if (placement.kind === "stage") return this.#create(placement.path, entry);
    if (entry.type === "file" && entry.size <= rememberedBytes && this.#sink) this.#sink.kept = [];
  }

  #create(path: string, entry: Entry): void {
    try {
      if (this.#createKind(path, entry)) {
        this.#note(entry, "duplicate", "Comes more than once; the last one was restored");
      }
    } catch (error) {
      if (error instanceof Misplaced) {
        this.#note(
          entry,
          "unsafe",
          "Its name leads through something that is no folder, so it was not restored",
        );
      } else if (hasCode(error, "ENAMETOOLONG", "EILSEQ", "EINVAL", "EPERM", "ENOTSUP", "ELOOP")) {
        this.#note(
          entry,
          "unsupported",
          `The file system here cannot hold it (${String(error.code)}), so it was not restored`,
        );
      } else throw error;
    }
  }

  /** @returns whether an earlier entry gave way */
  #createKind(path: string, entry: Entry): boolean {
    const { tree } = this.#task;
    switch (entry.type) {
      case "directory":
        return tree.addDirectory(path, entry);
      case "file":
        return this.#openFile(path, entry);
      case "symlink":
        return this.#addSymlink(path, entry);
      case "hardlink":
        return this.#addHardlink(path, entry);
      case "fifo":
      case "character-device":
      case "block-device":
        this.#note(entry, "unsupported", "Devices and pipes are not restored");
        return false;
    }
  }

  #openFile(path: string, entry: Entry): boolean {
    const { file, replaced } = this.#task.tree.openFile(path);
    this.#files += 1;
    this.#sink = { entry, left: entry.size, file, mode: this.#modeFor(path, entry) };
    if (entry.size === 0) this.#finish();
    return replaced;
  }

  /**
   * A program that runs as another user because an archive says so would be a gift to whoever made the
   * archive: these two bits come back only where the file that is replaced has them already.
   */
  #modeFor(path: string, entry: Entry): number {
    const special = entry.mode & 0o6000;
    if (special === 0) return entry.mode & 0o7777;
    const here = factsOf(onDisk(this.#task.home, this.#task.layout.below(path)));
    const had =
      here?.isFile() && here.uid === entry.uid && here.gid === entry.gid ? here.mode & special : 0;
    if (had !== special)
      this.#note(entry, "unsafe", "Was restored without its set-user-id and set-group-id bits");
    return (entry.mode & 0o1777) | had;
  }

  #addSymlink(path: string, entry: Entry): boolean {
    const target = entry.linkTarget ?? "";
    if (target === "" || target.includes("\0")) throw new Misplaced(path);
    const replaced = this.#task.tree.addSymlink(path, entry);
    if (linkInside(this.#task.layout.below(path), target) === undefined) {
      this.#note(
        entry,
        "outside-link",
        `Points to ${shortened(target)}, outside of its part; it was restored as it is`,
      );
    }
    return replaced;
  }

  #addHardlink(path: string, entry: Entry): boolean {
    const target = cleanPath(entry.linkTarget ?? "");
    const placement =
      target === undefined || isOurs(target) ? undefined : this.#task.layout.place(target);
    if (placement?.kind !== "stage") {
      this.#note(
        entry,
        "unsafe",
        "Is a second name of a file outside of its part, so it was not restored",
      );
      return false;
    }
    const replaced = this.#task.tree.addHardlink(path, placement.path);
    this.#files += 1;
    return replaced;
  }

  #write(bytes: Uint8Array): void {
    const sink = this.#sink;
    if (sink === undefined || bytes.length > sink.left) throw this.#damaged("more");
    sink.left -= bytes.length;
    if (sink.file !== undefined) {
      writeAll(sink.file, bytes);
      this.bytes += bytes.length;
      this.#uncheckedBytes += bytes.length;
      if (this.#uncheckedBytes >= bytesBetweenChecks) this.#checkSpace();
    } else sink.kept?.push(Uint8Array.from(bytes));
    if (sink.left === 0) this.#finish();
  }

  #finish(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    if (sink.left > 0) throw this.#damaged("less");
    this.#sink = undefined;
    if (sink.file !== undefined) this.#task.tree.closeFile(sink.file, sink.entry, sink.mode);
    if (sink.kept !== undefined) this.#remembered = Buffer.concat(sink.kept);
  }

  #checkSpace(): void {
    this.#uncheckedBytes = 0;
    checkReserve(this.#task.tree.base, this.bytes);
  }

  #note(entry: Entry, problem: EntryNote["problem"], message: string): void {
    this.#notes.add({ path: entry.path, problem, message });
  }

  #damaged(what: "more" | "less"): SafehouseError {
    const path = this.#sink?.entry.path ?? "";
    return new SafehouseError(
      "damaged",
      `${this.#task.part} holds ${what} content for ${path} than its header says`,
      {
        subject: this.#task.part,
      },
    );
  }
}
