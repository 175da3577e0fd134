import { strictObject } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { findPlan } from "#jobs/plan/find-plan.ts";
import { rulesOfPlan } from "#jobs/prune/rules-of-plan.ts";
import { runPrune } from "#jobs/prune/run-prune.ts";
import { defineOperation } from "../operation.ts";
import { begunSchema } from "../runs/begun-schema.ts";
import { givenId } from "../schema/names.ts";

export const prunePlanOperation = defineOperation({
  id: "prunePlan",
  summary: "Apply the rules of a plan to its backups now",
  method: "post",
  path: "/plans/{plan}/prune",
  scope: "backup",
  startsRun: true,
  input: strictObject({ plan: givenId }),
  output: begunSchema,
  async run({ plan: id }, { services, place, desk }) {
    const plan = await findPlan(services.plans(place), id);
    const rules = rulesOfPlan(plan);
    if (rules.size === 0)
      throw new SafehouseError("usage", `Plan ${id} keeps everything`, { subject: id });
    const run = await desk.begin(async ({ begun, signal }) => {
      await using open = await services.openLocation(place);
      await using runs = await services.openRuns(place);
      return await runPrune(
        { trigger: { kind: "plan", plan: id }, rules },
        {
          runs: runs.tools,
          openLocation: open.openLocation,
          installation: await open.installationId(),
          clock: open.tools.clock,
          report: () => undefined,
          signal,
          begun,
        },
      );
    });
    return { run };
  },
});
