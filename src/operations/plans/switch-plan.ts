import { boolean, strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";
import { planNow, planSchema } from "./plan-schema.ts";

export const switchPlanOperation = defineOperation({
  id: "switchPlan",
  summary: "Let a plan run by itself, or do not; what it has not done until now is not missed",
  method: "post",
  path: "/plans/{plan}/switch",
  scope: "admin",
  input: strictObject({ plan: idReference, enabled: boolean() }),
  output: planSchema,
  async run({ plan: id, enabled }, { services, place }) {
    const plans = services.plans(place);
    const { plan } = await plans.store.change(id, (document) => ({ ...document, enabled }));
    return planNow(plans, plan, 1);
  },
});
