import { partName, type Part } from "../model/part.ts";
import type { Plan } from "../model/plan.ts";
import { selectParts } from "./select-parts.ts";

/** What no plan backs up. */
export interface UncoveredParts {
  readonly parts: readonly Part[];
  /** Home Assistant is covered, but never with the recorder's database. */
  readonly database: boolean;
}

/** Finds what no enabled plan with a location covers. @param parts those that the home has now */
export function uncoveredParts(
  parts: readonly Part[],
  plans: readonly Pick<Plan<unknown>, "enabled" | "selection" | "locations">[],
): UncoveredParts {
  const covering = plans
    .filter(({ enabled, locations }) => enabled && locations.length > 0)
    .map(({ selection }) => selectParts(selection, parts));
  const covered = new Set(covering.flatMap((selected) => selected.parts.map(partName)));
  return {
    parts: parts.filter((part) => !covered.has(partName(part))),
    database: covered.has("homeassistant") && !covering.some(({ database }) => database),
  };
}
