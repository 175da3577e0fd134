import { object, optional, strictObject, string, type InferOutput } from "valibot";
import { uncoveredParts } from "#core/plan/uncovered-parts.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { homeLook, lookAtHome, plainUncovered, uncoveredSchema } from "./look-at-home.ts";
import { planNow, planSchema, type PlanDescription } from "./plan-schema.ts";

const output = object({
  plans: listOf(planSchema),
  /** What cannot be read and does not run. */
  damaged: listOf(object({ id: string(), message: string() })),
  uncovered: optional(uncoveredSchema),
  ...homeLook,
});

/** As it comes over the wire. */
export type PlanList = InferOutput<typeof output>;

export const listPlansOperation = defineOperation({
  id: "listPlans",
  summary: "List the plans: when they run, how they ended, and what no plan backs up",
  method: "get",
  path: "/plans",
  scope: "read",
  input: strictObject({}),
  output,
  async run(_, context) {
    const home = context.services.plans(context.place);
    const stored = await home.store.read();
    const plans: PlanDescription[] = [];
    for (const { plan } of stored.plans) plans.push(await planNow(home, plan, 1));
    const { state, ...look } = await lookAtHome(context);
    const all = stored.plans.map(({ plan }) => plan);
    return {
      plans,
      damaged: stored.damaged.map(({ id, error }) => ({ id, message: error.message })),
      uncovered: state && plainUncovered(uncoveredParts(state.parts, all)),
      ...look,
    };
  },
});
