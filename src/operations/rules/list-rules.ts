import { strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { rulesSchema } from "./rules-schema.ts";

export const listRulesOperation = defineOperation({
  id: "listRules",
  summary:
    "List the saved rules about what does not go into backups, in the order in which they apply",
  method: "get",
  path: "/rules",
  scope: "read",
  input: strictObject({}),
  output: rulesSchema,
  async run(_, { services, place }) {
    return { rules: (await services.readSettings(place)).rules };
  },
});
