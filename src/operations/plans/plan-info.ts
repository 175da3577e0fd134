import { object, optional, strictObject, string, type InferOutput } from "valibot";
import { selectParts } from "#core/plan/select-parts.ts";
import { uncoveredParts } from "#core/plan/uncovered-parts.ts";
import { findPlan } from "#jobs/plan/find-plan.ts";
import { nameOfNextBackup } from "#jobs/plan/name-of-next-backup.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { homeLook, lookAtHome, plainUncovered, uncoveredSchema } from "./look-at-home.ts";
import { idReference } from "../schema/names.ts";
import { planEntries, planNow } from "./plan-schema.ts";

/** So many coming runs are told. */
const shownRuns = 5;

const output = object({
  ...planEntries,
  /** Of the next backup; this and the two below are absent if what the home has is not known. */
  nextName: optional(string()),
  /** What the plan names and the home does not have. */
  missing: optional(listOf(string())),
  /** What no plan backs up. */
  uncovered: optional(uncoveredSchema),
  ...homeLook,
});

/** As it comes over the wire. */
export type PlanInfo = InferOutput<typeof output>;

export const planInfoOperation = defineOperation({
  id: "planInfo",
  summary: "Tell what a plan does, when it runs, how it ended, and what no plan backs up",
  method: "get",
  path: "/plans/{plan}",
  scope: "read",
  input: strictObject({ plan: idReference }),
  output,
  async run({ plan: id }, context) {
    const { services, place } = context;
    const plans = services.plans(place);
    const plan = await findPlan(plans, id);
    const described = await planNow(plans, plan, shownRuns);
    const { state, ...look } = await lookAtHome(context);
    if (state === undefined) return { ...described, ...look };
    const all = (await plans.store.read()).plans.map((stored) => stored.plan);
    const [next] = described.coming;
    const now = next === undefined ? Date.now() : Date.parse(next.at);
    const zone = Temporal.Now.timeZoneId();
    const { hostname } = services;
    return {
      ...described,
      nextName: nameOfNextBackup(plan, { state, now, zone, hostname }),
      missing: selectParts(plan.selection, state.parts).missing,
      uncovered: plainUncovered(uncoveredParts(state.parts, all)),
      ...look,
    };
  },
});
