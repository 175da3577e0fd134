import { object, strictObject, string } from "valibot";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";

export const removePlanOperation = defineOperation({
  id: "removePlan",
  summary: "Forget a plan; its backups stay, and no rule of it lets them go any more",
  method: "delete",
  path: "/plans/{plan}",
  scope: "admin",
  input: strictObject({ plan: idReference }),
  output: object({ removed: string() }),
  async run({ plan: id }, { services, place }) {
    await services.plans(place).store.remove(id);
    return { removed: id };
  },
});
