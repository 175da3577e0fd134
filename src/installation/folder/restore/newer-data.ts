import type { Stats } from "node:fs";
import { factsOf, joined, namesIn, onDisk } from "./disk-path.ts";
import type { Keeping } from "./keeping.ts";
import { ManifestReader, compareInWalk, isAsRestored } from "./manifest.ts";

export interface NewerQuery {
  /** Real path of the root. */
  readonly root: string;
  readonly manifest: string;
  readonly keeping: Keeping;
  /** Folders that the restore did not swap as a whole. */
  readonly merged: ReadonlySet<string>;
}

/** Something that differs from what the restore left, and that an undo would drop. */
export interface NewerPath {
  readonly path: string;
  /** It lies by itself in a folder that was not swapped, so an undo has to take it out. */
  readonly late: boolean;
}

/** Walks a restored root along its manifest. What was or would be carried over is no concern of an undo. */
export function* newerData(query: NewerQuery): Generator<NewerPath, void, undefined> {
  const walk = new NewerWalk(query);
  yield* walk.folder("", false);
  yield* walk.rest();
}

class NewerWalk {
  readonly #query: NewerQuery;
  readonly #manifest: ManifestReader;

  constructor(query: NewerQuery) {
    this.#query = query;
    this.#manifest = new ManifestReader(query.manifest);
  }

  *folder(path: string, tagged: boolean): Generator<NewerPath, void, undefined> {
    const { root, keeping } = this.#query;
    const tag = tagged || keeping.hasCacheTag(path);
    for (const name of namesIn(onDisk(root, path))) {
      const inner = joined(path, name);
      yield* this.#goneBefore(inner);
      const facts = factsOf(onDisk(root, inner));
      if (facts !== undefined) yield* this.#entry(inner, facts, tag);
    }
  }

  /** What is left in the manifest is gone from the root. */
  *rest(): Generator<NewerPath, void, undefined> {
    for (let line = this.#manifest.peek(); line !== undefined; line = this.#manifest.peek()) {
      if (!("keep" in line)) yield { path: line.path, late: false };
      this.#manifest.advance();
    }
  }

  *#goneBefore(path: string): Generator<NewerPath, void, undefined> {
    for (let line = this.#manifest.peek(); line !== undefined; line = this.#manifest.peek()) {
      if (compareInWalk(line.path, path) >= 0) return;
      if (!("keep" in line)) yield { path: line.path, late: false };
      this.#manifest.advance();
    }
  }

  *#entry(path: string, facts: Stats, tagged: boolean): Generator<NewerPath, void, undefined> {
    const line = this.#manifest.peek();
    if (line?.path !== path) {
      if (this.#query.keeping.always(path)) return;
      yield* this.#created(path, facts, tagged);
      return;
    }
    this.#manifest.advance();
    if ("keep" in line || this.#query.keeping.always(path)) return;
    if (!isAsRestored(line, facts)) yield { path, late: false };
    if (facts.isDirectory()) yield* this.folder(path, tagged);
  }

  *#created(path: string, facts: Stats, tagged: boolean): Generator<NewerPath, void, undefined> {
    const { keeping, merged } = this.#query;
    const parent = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
    const late = merged.has(parent);
    if (late && (keeping.holdsSuch(path) || keeping.unlessReplaced(path, facts, tagged) !== "no"))
      return;
    yield { path, late };
    if (facts.isDirectory()) yield* this.folder(path, tagged);
  }
}
