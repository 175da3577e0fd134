import {
  boolean,
  looseObject,
  number,
  object,
  optional,
  record,
  string,
  union,
  literal,
  unknown,
  type InferOutput,
} from "valibot";
import type { HomePlan } from "#core/plan/home-plan.ts";
import { describePlan, type DescribedPlan } from "#jobs/plan/describe-plan.ts";
import type { HomePlans } from "#jobs/plan/home-plans.ts";
import { listOf } from "../schema/list-of.ts";

/** A plan as a person writes it (docs/plans.md); it is checked by whoever keeps it. */
export const planDocument = record(string(), unknown());

const lastRun = object({
  state: string(),
  reason: string(),
  failures: number(),
  message: optional(string()),
  due: string(),
  started: string(),
  ended: optional(string()),
});

/** A plan with what is known of its runs. */
export const planEntries = {
  id: string(),
  name: string(),
  enabled: boolean(),
  selection: object({
    include: union([literal("everything"), listOf(string())]),
    except: listOf(string()),
    database: boolean(),
  }),
  /** As in a plan's document; absent if it runs only when somebody asks. */
  schedule: optional(looseObject({ zone: string() })),
  catchUp: boolean(),
  locations: listOf(
    object({
      location: string(),
      /** As in a plan's document; absent if all is kept. */
      retention: optional(looseObject({ zone: string() })),
    }),
  ),
  nameTemplate: string(),
  encryptionKey: optional(string()),
  verify: boolean(),
  /** The schedule in English. */
  when: string(),
  coming: listOf(object({ at: string(), reason: string() })),
  lastRun: optional(lastRun),
  /** When the last run that succeeded began. */
  lastSuccess: optional(string()),
};

export const planSchema = object(planEntries);

/** A plan as it comes over the wire. */
export type PlanDescription = InferOutput<typeof planSchema>;

/** A plan with what is known of its runs. @param count how many runs to come */
export async function planNow(
  plans: HomePlans,
  plan: HomePlan,
  count: number,
): Promise<PlanDescription> {
  const record = await plans.records.read(plan.id);
  const installation = await plans.installation();
  return plainPlan(describePlan(plan, { record, installation, now: Date.now(), count }));
}

function plainPlan({ schedule, locations, ...plan }: DescribedPlan): PlanDescription {
  return {
    ...plan,
    schedule: schedule && { ...schedule },
    locations: locations.map(({ location, retention }) => ({
      location,
      retention: retention && { ...retention },
    })),
  };
}
