import { strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { planDocument, planNow, planSchema } from "./plan-schema.ts";

export const addPlanOperation = defineOperation({
  id: "addPlan",
  summary: "Make a plan",
  method: "post",
  path: "/plans",
  scope: "admin",
  input: strictObject({ document: planDocument }),
  output: planSchema,
  async run({ document }, { services, place }) {
    const plans = services.plans(place);
    const { plan } = await plans.store.add(document);
    return planNow(plans, plan, 1);
  },
});
