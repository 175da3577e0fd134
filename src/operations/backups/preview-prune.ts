import { strictObject } from "valibot";
import { parseRetentionRule } from "#core/retention/parse-retention-rule.ts";
import { decidePrune } from "#jobs/prune/decide-prune.ts";
import { describePrune } from "#jobs/prune/describe-prune.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { prunedSchema, pruneEntries } from "./prune-schema.ts";
import { scopeOf } from "./prune-scope.ts";

export const previewPruneOperation = defineOperation({
  id: "previewPrune",
  summary: "Tell which backups a rule would remove and which it keeps, and why; removes nothing",
  method: "post",
  path: "/backups/prune/preview",
  scope: "read",
  input: strictObject(pruneEntries),
  output: prunedSchema,
  async run({ location: wanted, plan, rule }, context) {
    const { services, signal } = context;
    await using open = await services.openLocation(atLocation(context, wanted));
    const { location, tools } = open;
    const decided = await decidePrune({
      location,
      rule: parseRetentionRule(rule),
      scope: scopeOf(plan),
      installation: await open.installationId(),
      clock: tools.clock,
      signal,
    });
    const going = decided.decisions.filter(({ outcome }) => outcome === "remove");
    const kept = decided.decisions.filter(({ outcome }) => outcome === "keep");
    const told = describePrune(location.id, { going, kept, stop: decided.stop });
    return { ...told, dryRun: true };
  },
});
