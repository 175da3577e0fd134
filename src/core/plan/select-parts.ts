import { partName, type Part } from "../model/part.ts";
import type { PlanSelection } from "../model/plan.ts";

/** What a plan's selection comes to in a home. */
export interface SelectedParts {
  /** In the order of the home. */
  readonly parts: readonly Part[];
  /** The recorder's database goes in. */
  readonly database: boolean;
  /** Names that the plan asks for and the home does not have; a run goes on without them and says so. */
  readonly missing: readonly string[];
}

/** Chooses among the parts that a home has now; everything includes those that came later. */
export function selectParts(
  { include, except, database }: PlanSelection,
  available: readonly Part[],
): SelectedParts {
  const names = available.map(partName);
  const wanted = include === "everything" ? names : include;
  const parts = available.filter((part) => {
    const name = partName(part);
    return wanted.includes(name) && !except.includes(name);
  });
  return {
    parts,
    database: database && parts.some(({ kind }) => kind === "homeassistant"),
    missing: wanted.filter((name) => !names.includes(name)),
  };
}
