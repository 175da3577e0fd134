import { isDeepStrictEqual } from "node:util";
import { optional, strictObject } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";
import { planDocument, planNow, planSchema } from "./plan-schema.ts";

export const changePlanOperation = defineOperation({
  id: "changePlan",
  summary: "Write a plan anew, also one that is damaged",
  method: "put",
  path: "/plans/{plan}",
  scope: "admin",
  input: strictObject({
    plan: idReference,
    document: planDocument,
    /** As it was written when it was looked at; refused if it is another by now. */
    before: optional(planDocument),
  }),
  output: planSchema,
  async run({ plan: id, document, before }, { services, place }) {
    const plans = services.plans(place);
    const { plan } = await plans.store.change(id, (now) => {
      if (before !== undefined && !isDeepStrictEqual({ ...now }, before)) throw otherNow(id);
      return document;
    });
    return planNow(plans, plan, 1);
  },
});

function otherNow(id: string): SafehouseError {
  return new SafehouseError("busy", `Somebody else has changed plan ${id} in the meantime`, {
    subject: id,
    advice: "Look at it again, then change it",
  });
}
