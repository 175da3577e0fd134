import { strictObject } from "valibot";
import { parseRule } from "#core/rules/parse-rule.ts";
import { defineOperation } from "../operation.ts";
import { rulesInput, rulesSchema } from "./rules-schema.ts";

export const saveRulesOperation = defineOperation({
  id: "saveRules",
  summary: "Replace the saved rules; the last that matches a file decides",
  method: "put",
  path: "/rules",
  scope: "admin",
  input: strictObject({ rules: rulesInput }),
  output: rulesSchema,
  async run({ rules }, { services, place }) {
    rules.forEach(parseRule);
    const { paths } = await services.readSettings(place);
    const all = [...new Set(rules)];
    await services.saveSettings(place, { paths, rules: all });
    return { rules: all };
  },
});
