import { advanceGlob, compileGlob, globMatches, startGlob } from "./glob.ts";
import type { Glob, GlobState } from "./glob.ts";
import type { Rule } from "./rule.ts";

/** What deciding needs to know of an entry beside its path. */
export interface EntryFacts {
  readonly isDirectory: boolean;
  /** Bytes; 0 for everything but files. */
  readonly size: number;
  /** A folder above holds a valid `CACHEDIR.TAG`; `FolderRules` knows it by itself. */
  readonly underCacheTag?: boolean;
}

export interface Decision {
  readonly excluded: boolean;
  /** Place of the rule that decided; absent when none matched. */
  readonly rule?: number;
}

/** Rules made ready. A rule matches an entry if it matches its path or a folder above it; the last decides. */
export interface RuleSet {
  /** The rules above every part. */
  readonly top: FolderRules;
  /** • The same answer as walking down to the entry with `open` and `enter`. */
  decide(path: string, facts: EntryFacts): Decision;
  /**
   * Whether something below an excluded folder can be wanted after all.
   * • False only if every path below it is excluded, whatever its size.
   */
  mayHoldExceptions(folder: string): boolean;
  /** The rules as they stand inside of a folder; for walks, which ask about each name once. */
  open(folder: string): FolderRules;
}

export function compileRules(rules: readonly Rule[]): RuleSet {
  const compiled = rules.map(compileRule);
  const top = new FolderRules(
    compiled,
    compiled.map((rule) => ({ state: startGlob(rule.glob), above: false })),
    undefined,
  );
  let recent: { path: string; folder: FolderRules } = { path: "", folder: top };
  const open = (path: string): FolderRules => {
    if (recent.path !== path)
      recent = {
        path,
        folder: path.split("/").reduce((folder, name) => folder.enter(name, false), top),
      };
    return recent.folder;
  };
  const splitAt = (path: string): [FolderRules, string] => {
    const slash = path.lastIndexOf("/");
    return [slash < 0 ? top : open(path.slice(0, slash)), path.slice(slash + 1)];
  };
  return {
    top,
    open,
    decide(path, facts) {
      const [folder, name] = splitAt(path);
      return folder.decide(name, facts);
    },
    mayHoldExceptions(path) {
      const [folder, name] = splitAt(path);
      return folder.mayHoldExceptions(name);
    },
  };
}

interface CompiledRule {
  readonly glob: Glob;
  readonly include: boolean;
  readonly foldersOnly: boolean;
  readonly cacheDirTag: boolean;
  readonly largerThan: number | undefined;
}

function compileRule(rule: Rule): CompiledRule {
  const foldersOnly = rule.pattern.endsWith("/");
  const pattern = foldersOnly ? rule.pattern.replace(/\/+$/u, "") : rule.pattern;
  const cacheDirTag = rule.cacheDirTag === true;
  return {
    glob: cacheDirTag ? [] : compileGlob(pattern.includes("/") ? pattern : `**/${pattern}`),
    include: rule.include,
    foldersOnly,
    cacheDirTag,
    largerThan: rule.largerThan,
  };
}

/** How far one rule has come: what may still match below, and whether a folder above has matched. */
interface RuleProgress {
  readonly state: GlobState;
  readonly above: boolean;
}

/** The rules inside of one folder. Immutable. */
export class FolderRules {
  readonly #rules: readonly CompiledRule[];
  readonly #progress: readonly RuleProgress[];
  /** The name of the tag file that stays although the folder's content goes. */
  readonly #tag: string | undefined;

  constructor(
    rules: readonly CompiledRule[],
    progress: readonly RuleProgress[],
    tag: string | undefined,
  ) {
    this.#rules = rules;
    this.#progress = progress;
    this.#tag = tag;
  }

  decide(name: string, facts: EntryFacts): Decision {
    for (let index = this.#rules.length - 1; index >= 0; index -= 1) {
      if (this.#applies(index, name, facts))
        return { excluded: this.#rules[index]?.include === false, rule: index };
    }
    return goesIn;
  }

  /** The rules inside of a folder of this folder. @param tagged the folder holds a valid `CACHEDIR.TAG` */
  enter(name: string, tagged: boolean): FolderRules {
    let keepsTag = false;
    const progress = this.#rules.map((rule, index) => {
      const before = this.#progress[index] ?? nothing;
      if (rule.cacheDirTag) {
        keepsTag ||= tagged && !before.above;
        return { state: [], above: before.above || tagged };
      }
      const { state, matched } = advanceGlob(rule.glob, before.state, name);
      return { state, above: before.above || matched };
    });
    return new FolderRules(this.#rules, progress, keepsTag ? "CACHEDIR.TAG" : undefined);
  }

  /** See `RuleSet.mayHoldExceptions`. */
  mayHoldExceptions(name: string): boolean {
    const { excluded, rule: decisive = -1 } = this.decide(name, { isDirectory: true, size: 0 });
    if (!excluded) return true;
    return this.#rules.some((rule, index) => {
      if (!rule.include || index < decisive) return false;
      const { state, above } = this.#progress[index] ?? nothing;
      const { state: below, matched } = advanceGlob(rule.glob, state, name);
      return below.length > 0 || above || matched;
    });
  }

  #applies(index: number, name: string, facts: EntryFacts): boolean {
    const rule = this.#rules[index];
    const progress = this.#progress[index];
    if (rule === undefined || progress === undefined) return false;
    if (rule.cacheDirTag)
      return (progress.above || facts.underCacheTag === true) && name !== this.#tag;
    if (rule.largerThan !== undefined && (facts.isDirectory || facts.size <= rule.largerThan))
      return false;
    if (progress.above) return true;
    return (facts.isDirectory || !rule.foldersOnly) && globMatches(rule.glob, progress.state, name);
  }
}

const goesIn: Decision = { excluded: false };
const nothing: RuleProgress = { state: [], above: false };
