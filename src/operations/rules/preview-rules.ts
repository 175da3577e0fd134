import { boolean, number, object, optional, strictObject, string } from "valibot";
import { resolveSelection } from "#core/plan/resolve-selection.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { rulesInput } from "./rules-schema.ts";

const size = { files: number(), bytes: number() };

export const previewRulesOperation = defineOperation({
  id: "previewRules",
  summary: "Count files and bytes that each rule leaves out, without writing anything",
  method: "post",
  path: "/rules/preview",
  scope: "read",
  input: strictObject({
    rules: optional(rulesInput, []),
    savedRules: optional(boolean(), true),
    excludeDatabase: optional(boolean(), false),
  }),
  output: object({
    rules: listOf(object({ rule: string(), official: boolean(), ...size })),
    parts: listOf(object({ part: string(), ...size })),
  }),
  async run({ rules, savedRules, excludeDatabase }, { services, place, signal }) {
    await using home = await services.openHome(place);
    const tried = [...(savedRules ? home.rules : []), ...rules.map(parseRule)];
    const { parts } = await home.installation.describe(signal);
    const request = { excludeDatabase, folders: [], addons: [] };
    const resolved = resolveSelection(request, parts, "this home");
    const selection = {
      homeassistant: resolved.parts.some(({ kind }) => kind === "homeassistant"),
      database: resolved.database,
      folders: resolved.parts.flatMap((part) => (part.kind === "folder" ? [part.name] : [])),
      addons: resolved.parts.flatMap((part) => (part.kind === "addon" ? [part.slug] : [])),
    };
    return await home.installation.preview(selection, tried, signal);
  },
});
