import type { HomePlan } from "#core/plan/home-plan.ts";
import type { RuleAtLocation } from "../delivery/copy-steps.ts";

/** The rules of a plan by location; they are about its own backups. */
export function rulesOfPlan({ id, locations }: HomePlan): ReadonlyMap<string, RuleAtLocation> {
  const scope = { plan: id };
  return new Map(
    locations.flatMap(({ location, retention }) =>
      retention === undefined ? [] : [[location, { rule: retention, scope, confirmed: undefined }]],
    ),
  );
}
