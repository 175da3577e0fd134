import type { Part } from "../model/part.ts";
import { compileRules } from "./decide.ts";
import type { EntryFacts, RuleSet } from "./decide.ts";
import { fixedExclusions, officialExclusions } from "./official-exclusions.ts";
import type { Rule } from "./rule.ts";

/** What decides about one part: official exclusions, then the user's rules, then what is never backed up. */
export interface PartRules {
  /** Every rule, in the order in which `set` numbers them. */
  readonly rules: readonly {
    readonly rule: Rule;
    readonly origin: "official" | "user" | "fixed";
  }[];
  readonly set: RuleSet;
  /** The folder with which the part's paths begin. */
  readonly folder: string;
}

export interface PartRuleOptions {
  /** The recorder database goes in. */
  readonly database: boolean;
  /** The user's rules. */
  readonly rules: readonly Rule[];
}

export function compilePartRules(part: Part, options: PartRuleOptions): PartRules {
  const rules: PartRules["rules"] = [
    ...officialExclusions(part).map((rule) => ({ rule, origin: "official" as const })),
    ...options.rules.map((rule) => ({ rule, origin: "user" as const })),
    ...fixedExclusions(part, options.database).map((rule) => ({ rule, origin: "fixed" as const })),
  ];
  return { rules, set: compileRules(rules.map(({ rule }) => rule)), folder: partFolder(part) };
}

/**
 * Whether a backup made under these rules left this entry out. Compile once per part; entries that are
 * asked about folder by folder cost least.
 * @param path below the part's folder; the folder itself (`""`) is never left out
 */
export function isLeftOut(rules: PartRules, path: string, facts: EntryFacts): boolean {
  return path !== "" && rules.set.decide(`${rules.folder}/${path}`, facts).excluded;
}

/** The folder with which paths of a part begin in rules. */
export function partFolder(part: Part): string {
  switch (part.kind) {
    case "homeassistant":
      return "config";
    case "addon":
      return `addon_data/${part.slug}`;
    case "folder":
      return part.name;
    case "supervisor":
      return "supervisor";
  }
}
