import { object, strictObject } from "valibot";
import { findPlan } from "#jobs/plan/find-plan.ts";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";
import { planDocument } from "./plan-schema.ts";

export const planDocumentOperation = defineOperation({
  id: "planDocument",
  summary:
    "Tell how a plan is written, with only those fields that are stated; also one that is damaged",
  method: "get",
  path: "/plans/{plan}/document",
  scope: "read",
  input: strictObject({ plan: idReference }),
  output: object({ document: planDocument }),
  async run({ plan: id }, { services, place }) {
    const home = services.plans(place);
    const { plans, damaged } = await home.store.read();
    const found =
      plans.find(({ plan }) => plan.id === id) ?? damaged.find((broken) => broken.id === id);
    if (found !== undefined) return { document: { ...found.document } };
    await findPlan(home, id);
    throw new Error(`Plan ${id} came while it was looked for`);
  },
});
