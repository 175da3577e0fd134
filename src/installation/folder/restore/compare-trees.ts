import type { Stats } from "node:fs";
import { directoryFacts } from "./directory-facts.ts";
import { factsOf, joined, namesIn, onDisk } from "./disk-path.ts";
import { isDatabase } from "./keeping.ts";
import type { Keeping } from "./keeping.ts";
import { noLines } from "./line-file.ts";
import type { Lines } from "./line-file.ts";
import { manifestLine } from "./manifest.ts";

/** Told what a swap would do to each path. */
export interface Findings {
  added(path: string): void;
  replaced(path: string): void;
  unchanged(path: string): void;
  removed(path: string): void;
  carriedOver(path: string): void;
  /** Not restored: a folder stands there whose content is carried over. */
  inTheWay(path: string): void;
}

export interface Comparison {
  /** Real path of the root. */
  readonly home: string;
  readonly staged: string;
  /** Directories of the stage whose facts nobody knows. */
  readonly implicit: ReadonlySet<string>;
  readonly keeping: Keeping;
  readonly findings: Findings;
  /** Receives the operations and merges, merges after all that is below them. */
  readonly operations: Lines;
  /** Receives what will be there afterwards, in the order of a sorted walk. */
  readonly manifest: Lines;
}

/**
 * Walks stage and home side by side and lists the fewest renames that lead from one to the other: a whole
 * folder where nothing in it is carried over. The root itself always stays: it may be a mount point.
 */
export function compareTrees(comparison: Comparison): void {
  new TreeComparison(comparison).compareRoot();
}

type Side = { readonly facts: Stats; readonly path: string };

class TreeComparison {
  readonly #given: Comparison;

  constructor(given: Comparison) {
    this.#given = given;
  }

  compareRoot(): void {
    this.#compareFolder("", { staged: true, tagged: false });
    this.#merge("", true);
  }

  /** @returns whether anything in it stays */
  #compareFolder(path: string, state: { staged: boolean; tagged: boolean }): boolean {
    const { home, staged, keeping } = this.#given;
    const here = namesIn(onDisk(home, path));
    const coming = new Set(state.staged ? namesIn(onDisk(staged, path)) : []);
    const tagged = state.tagged || keeping.hasCacheTag(path);
    const names = coming.size === 0 ? here : [...new Set([...here, ...coming])].sort();
    let stays = false;
    for (const name of names) {
      const inner = joined(path, name);
      const stagedFacts = coming.has(name) ? factsOf(onDisk(staged, inner)) : undefined;
      stays = this.#compareEntry(inner, stagedFacts, tagged) || stays;
    }
    return stays;
  }

  #compareEntry(path: string, coming: Stats | undefined, tagged: boolean): boolean {
    const facts = factsOf(onDisk(this.#given.home, path));
    if (facts === undefined) {
      if (coming) this.#add({ path, facts: coming });
      return false;
    }
    if (this.#given.keeping.always(path)) return this.#keep(path);
    if (coming === undefined) return this.#leaveOrRemove({ path, facts }, tagged);
    if (!facts.isDirectory()) return this.#replace({ path, facts }, coming);
    return coming.isDirectory()
      ? this.#compareFolders(path, coming, tagged)
      : this.#replaceFolder(path, coming, tagged);
  }

  #compareFolders(path: string, coming: Stats, tagged: boolean): boolean {
    const { operations, manifest, findings } = this.#given;
    const mark = operations.mark();
    manifest.write(manifestLine(path, coming));
    findings.unchanged(path);
    if (this.#compareFolder(path, { staged: true, tagged })) {
      this.#merge(path, true);
      return true;
    }
    operations.rewind(mark);
    operations.write({ path, in: true, out: true });
    return false;
  }

  #replace(here: Side, coming: Stats): boolean {
    const { operations, findings } = this.#given;
    operations.write({ path: here.path, in: true, out: true });
    if (isSame(here.facts, coming)) findings.unchanged(here.path);
    else findings.replaced(here.path);
    this.#record({ path: here.path, facts: coming });
    return false;
  }

  /** A file or link comes where a folder is. */
  #replaceFolder(path: string, coming: Stats, tagged: boolean): boolean {
    const { operations, manifest, findings } = this.#given;
    const trial = new TreeComparison({
      ...this.#given,
      operations: noLines,
      manifest: noLines,
      findings: silent,
    });
    if (trial.#compareFolder(path, { staged: false, tagged })) {
      findings.inTheWay(path);
      return this.#keep(path);
    }
    const marks = [operations.mark(), manifest.mark()] as const;
    this.#compareFolder(path, { staged: false, tagged });
    operations.rewind(marks[0]);
    manifest.rewind(marks[1]);
    operations.write({ path, in: true, out: true });
    findings.replaced(path);
    this.#record({ path, facts: coming });
    return false;
  }

  #leaveOrRemove(here: Side, tagged: boolean): boolean {
    const { path, facts } = here;
    const { keeping, operations } = this.#given;
    const verdict = this.#isStale(path) ? "no" : keeping.unlessReplaced(path, facts, tagged);
    if (verdict === "whole") return this.#keep(path);
    if (facts.isDirectory())
      return this.#removeFolder(path, { tagged, stays: verdict === "itself" });
    operations.write({ path, in: false, out: true });
    this.#given.findings.removed(path);
    return false;
  }

  #removeFolder(path: string, state: { tagged: boolean; stays: boolean }): boolean {
    const { operations, manifest, home, findings } = this.#given;
    const marks = [operations.mark(), manifest.mark()] as const;
    const facts = factsOf(onDisk(home, path));
    if (facts) manifest.write(manifestLine(path, facts));
    const stays = this.#compareFolder(path, { staged: false, tagged: state.tagged }) || state.stays;
    if (stays) {
      this.#merge(path, false);
      return true;
    }
    operations.rewind(marks[0]);
    manifest.rewind(marks[1]);
    operations.write({ path, in: false, out: true });
    findings.removed(path);
    return false;
  }

  #add(coming: Side): void {
    this.#given.operations.write({ path: coming.path, in: true, out: false });
    this.#given.findings.added(coming.path);
    this.#record(coming);
  }

  /** Lists a staged entry and, for a folder, all that comes with it. */
  #record({ path, facts }: Side): void {
    this.#given.manifest.write(manifestLine(path, facts));
    if (!facts.isDirectory()) return;
    for (const name of namesIn(onDisk(this.#given.staged, path))) {
      const inner = joined(path, name);
      const innerFacts = factsOf(onDisk(this.#given.staged, inner));
      if (innerFacts === undefined) continue;
      this.#given.findings.added(inner);
      this.#record({ path: inner, facts: innerFacts });
    }
  }

  #keep(path: string): true {
    this.#given.manifest.write({ path, keep: true });
    if (path !== ".safehouse") this.#given.findings.carriedOver(path);
    return true;
  }

  /** The folder stays, with the archive's facts where it has any, and with its own otherwise. */
  #merge(path: string, staged: boolean): void {
    const here = factsOf(onDisk(this.#given.home, path));
    if (here === undefined) return;
    const coming =
      staged && !this.#given.implicit.has(path)
        ? factsOf(onDisk(this.#given.staged, path))
        : undefined;
    this.#given.operations.write({
      path,
      prior: directoryFacts(here),
      next: directoryFacts(coming ?? here),
    });
  }

  /** A journal or index of the database that is replaced: it would be applied to the wrong one. */
  #isStale(path: string): boolean {
    const database = /^(.+)-(?:wal|shm|journal)$/u.exec(path)?.[1];
    return database !== undefined && isDatabase(onDisk(this.#given.staged, database));
  }
}

/** For those who want to hear of some findings only. */
export const silent: Findings = {
  added: () => undefined,
  replaced: () => undefined,
  unchanged: () => undefined,
  removed: () => undefined,
  carriedOver: () => undefined,
  inTheWay: () => undefined,
};

/** Archives hold times as decimal fractions, or as whole seconds. */
function isSame(here: Stats, coming: Stats): boolean {
  if (here.mode !== coming.mode) return false;
  if (coming.isFile() && here.size !== coming.size) return false;
  return (
    Math.abs(here.mtimeMs - coming.mtimeMs) < 0.002 ||
    Math.floor(here.mtimeMs / 1000) * 1000 === coming.mtimeMs
  );
}
