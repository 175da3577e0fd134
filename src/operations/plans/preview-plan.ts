import { looseObject, object, optional, strictObject, string, type InferOutput } from "valibot";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { wordReason } from "#core/retention/word-reason.ts";
import { wordRule } from "#core/retention/word-rule.ts";
import { findPlan } from "#jobs/plan/find-plan.ts";
import { previewPlan, type PlanPreview } from "#jobs/plan/preview-plan.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { queryCount } from "../schema/query-count.ts";
import { homeLook, lookAtHome } from "./look-at-home.ts";
import { idReference } from "../schema/names.ts";
import { planNow } from "./plan-schema.ts";

/** So many runs can be looked ahead. */
export const mostRunsAhead = 1000;

const decision = object({
  /** As in `run 3`, the third of these runs. */
  run: string(),
  outcome: string(),
  reasons: listOf(looseObject({ kind: string(), text: string() })),
});

const output = object({
  plan: string(),
  /** Of its schedule; absent without one. */
  zone: optional(string()),
  runs: listOf(object({ at: string(), name: string() })),
  locations: listOf(
    object({
      location: string(),
      /** As in a plan's document; absent if all is kept. */
      rule: optional(looseObject({ zone: string() })),
      /** The rule in English. */
      keeps: string(),
      /** What is decided after each run. */
      steps: listOf(object({ at: string(), made: string(), decisions: listOf(decision) })),
    }),
  ),
  ...homeLook,
});

/** As it comes over the wire. */
export type PreviewDocument = InferOutput<typeof output>;

const nothing = { homeassistantVersion: undefined, parts: [], addons: [] };

export const previewPlanOperation = defineOperation({
  id: "previewPlan",
  summary: "Tell when a plan runs, and what its locations keep of these runs, and why",
  method: "get",
  path: "/plans/{plan}/preview",
  scope: "read",
  input: strictObject({
    plan: idReference,
    runs: optional(queryCount(1, mostRunsAhead), 14),
  }),
  output,
  async run({ plan: id, runs: count }, context) {
    const { services, place } = context;
    const plans = services.plans(place);
    const plan = await findPlan(plans, id);
    // As if it ran by itself: a plan is best looked at before it is enabled.
    const { coming } = await planNow(plans, { ...plan, enabled: true }, count);
    const dates = coming.map(({ at }) => Date.parse(at));
    const { state = nothing, ...look } = await lookAtHome(context);
    const preview = previewPlan(plan, {
      state,
      // A run that is due at this moment comes after it.
      now: (dates[0] ?? Date.now()) - 1,
      dates,
      zone: Temporal.Now.timeZoneId(),
      hostname: services.hostname,
      copies: new Map(),
    });
    return { ...plain(plan, preview), ...look };
  },
});

function plain(
  { id, schedule }: HomePlan,
  { runs, locations }: PlanPreview,
): Omit<PreviewDocument, keyof typeof homeLook> {
  return {
    plan: id,
    zone: schedule?.zone,
    runs: runs.map(({ at, name }) => ({ at: iso(at), name })),
    locations: locations.map(({ location, rule, steps }) => ({
      location,
      rule: rule && { ...rule },
      keeps: wordRule(rule),
      steps: steps.flatMap(({ at, made, decisions }) =>
        made === undefined
          ? []
          : {
              at: iso(at),
              made: made.slug,
              decisions: decisions.map(({ copy, outcome, reasons }) => ({
                run: copy.slug,
                outcome,
                reasons: reasons.map((reason) => ({ ...reason, text: wordReason(reason) })),
              })),
            },
      ),
    })),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
