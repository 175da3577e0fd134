import { optional, strictObject } from "valibot";
import { parseRetentionRule } from "#core/retention/parse-retention-rule.ts";
import { describePrune } from "#jobs/prune/describe-prune.ts";
import { runPrune } from "#jobs/prune/run-prune.ts";
import { atLocation } from "../at-location.ts";
import { defineRunOperation } from "../operation.ts";
import { shortText } from "../schema/names.ts";
import { prunedSchema, pruneEntries } from "./prune-schema.ts";
import { scopeOf } from "./prune-scope.ts";

export const pruneBackupsOperation = defineRunOperation({
  id: "pruneBackups",
  summary: "Remove the backups of this installation at a location that a rule lets go",
  method: "post",
  path: "/backups/prune",
  scope: "admin",
  input: strictObject({
    ...pruneEntries,
    /** Token of a stop that a person has seen and agreed to. */
    confirm: optional(shortText),
  }),
  result: prunedSchema,
  async run({ location: wanted, plan, rule: stated, confirm }, context) {
    const { services, desk, person } = context;
    const place = atLocation(context, wanted);
    const rule = parseRetentionRule(stated);
    const run = await desk.begin(async ({ begun, signal }) => {
      await using open = await services.openLocation(place);
      await using runs = await services.openRuns(place);
      const { id } = open.location;
      const rules = new Map([[id, { rule, scope: scopeOf(plan), confirmed: confirm }]]);
      const reports = await runPrune(
        { trigger: { kind: "manual" }, rules },
        {
          runs: runs.tools,
          openLocation: open.openLocation,
          installation: await open.installationId(),
          clock: open.tools.clock,
          report: person?.report ?? ((): void => undefined),
          begun,
          signal,
        },
      );
      const { removed = [], kept = [] } = reports.get(id) ?? {};
      return { ...describePrune(id, { going: removed, kept, stop: undefined }), dryRun: false };
    });
    return { run };
  },
});
