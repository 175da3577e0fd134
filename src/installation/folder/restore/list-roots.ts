import { realpathSync } from "node:fs";
import { partName } from "#core/model/part.ts";
import type { PartPlan, RestorePlan } from "../../installation.ts";
import { compareTrees, silent } from "./compare-trees.ts";
import type { Comparison, Findings } from "./compare-trees.ts";
import { directoryFacts } from "./directory-facts.ts";
import { factsOf, namesIn } from "./disk-path.ts";
import type { Journal, JournalRoot } from "./journal.ts";
import { keepingOf } from "./keeping.ts";
import { LineFile, noLines } from "./line-file.ts";
import type { Lines } from "./line-file.ts";
import { placesOf } from "./places.ts";
import { stepOf } from "./restore-home.ts";
import type { RestoreHome } from "./restore-home.ts";
import type { StagedRoot } from "./stage-into-root.ts";
import { manifestList, operationList } from "./transaction.ts";

type Staged = ReadonlyMap<string, StagedRoot>;

/** What a swap would do, counted and listed. */
export function planRoots(home: RestoreHome, journal: Journal, staged: Staged): RestorePlan {
  const roots = journal.roots.filter(({ additive }) => !additive);
  const parts = roots.map((root) => {
    const plan = new PlanList(partName(root.part));
    compareTrees({
      ...comparisonOf(home, { journal, root, staged }),
      findings: plan,
      operations: noLines,
      manifest: noLines,
    });
    return plan.result();
  });
  // What goes out stays for the undo, so all that comes in comes on top.
  return { parts, extraBytes: [...staged.values()].reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Writes the lists that the swap and a later undo go by. @returns warnings */
export function listRoots(home: RestoreHome, journal: Journal, staged: Staged): string[] {
  const warnings: string[] = [];
  for (const [index, root] of journal.roots.entries()) {
    using operations = new LineFile(operationList(home, journal, index));
    using manifest = new LineFile(manifestList(home, journal.id, index));
    const findings = {
      ...silent,
      inTheWay: (path: string) => warnings.push(inTheWay(root, path)),
    };
    if (root.additive) listAdditive(root, journal.id, operations);
    else
      compareTrees({
        ...comparisonOf(home, { journal, root, staged }),
        findings,
        operations,
        manifest,
      });
    operations.sync();
    manifest.sync();
  }
  stepOf(home)("listed");
  return warnings;
}

function comparisonOf(
  home: RestoreHome,
  of: { journal: Journal; root: JournalRoot; staged: Staged },
): Pick<Comparison, "home" | "staged" | "implicit" | "keeping"> {
  const { root } = of.root;
  const others = of.journal.roots.map((other) => other.root).filter((path) => path !== root);
  return {
    home: root,
    staged: placesOf(root, of.journal.id, "restore").incoming,
    implicit: of.staged.get(root)?.implicit ?? new Set(),
    keeping: keepingOf(of.root, [realpathSync(home.paths.dataDir), ...others]),
  };
}

function listAdditive({ root }: JournalRoot, id: string, operations: Lines): void {
  for (const name of namesIn(placesOf(root, id, "restore").incoming)) {
    operations.write({ path: name, in: true, out: factsOf(`${root}/${name}`) !== undefined });
  }
  const facts = factsOf(root);
  if (facts)
    operations.write({ path: "", prior: directoryFacts(facts), next: directoryFacts(facts) });
}

function inTheWay({ part }: JournalRoot, path: string): string {
  return `${path} of ${partName(part)} was not restored: a folder stands there with files that are carried over`;
}

/** A plan is shown to people and held in memory; a home can have a million paths. */
const mostPaths = 10_000;

class PlanList implements Findings {
  readonly #part: string;
  readonly #lists = {
    added: [] as string[],
    replaced: [] as string[],
    removed: [] as string[],
    carriedOver: [] as string[],
  };
  readonly #counts = { added: 0, replaced: 0, removed: 0, carriedOver: 0 };
  #unchanged = 0;

  constructor(part: string) {
    this.#part = part;
  }

  added(path: string): void {
    this.#count("added", path);
  }
  replaced(path: string): void {
    this.#count("replaced", path);
  }
  removed(path: string): void {
    this.#count("removed", path);
  }
  carriedOver(path: string): void {
    this.#count("carriedOver", path);
  }
  unchanged(): void {
    this.#unchanged += 1;
  }
  /** It is told as carried over, too. */
  inTheWay(): void {}

  result(): PartPlan {
    return {
      part: this.#part,
      ...this.#lists,
      unchanged: this.#unchanged,
      counts: { ...this.#counts },
    };
  }

  #count(kind: keyof PartPlan["counts"], path: string): void {
    this.#counts[kind] += 1;
    if (this.#lists[kind].length < mostPaths) this.#lists[kind].push(path);
  }
}
