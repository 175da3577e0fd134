import { strictObject } from "valibot";
import { goOnWithRun } from "#jobs/delivery/go-on-with-run.ts";
import { rulesOfPlan } from "#jobs/prune/rules-of-plan.ts";
import { retryPatiently } from "#jobs/runs/retry-policies.ts";
import { copiedSchema } from "../backups/copied-schema.ts";
import type { HomeContext } from "../home-context.ts";
import { defineRunOperation } from "../operation.ts";
import { ringPassword } from "../ring-password.ts";
import { idReference } from "../schema/names.ts";
import { currentKeys } from "../keys/current-keys.ts";

export const resumeRunOperation = defineRunOperation({
  id: "resumeRun",
  summary: "Go on with a run whose process has died after its backup was made",
  method: "post",
  path: "/runs/{run}/resume",
  scope: "backup",
  input: strictObject({ run: idReference }),
  result: copiedSchema,
  async run({ run: id }, context) {
    const { services, place, desk } = context;
    const run = await desk.begin(async ({ begun, signal }) => {
      await using open = await services.openPlaces(place);
      await using runs = await services.openRuns(place);
      return await goOnWithRun(id, (plan) => rulesOf(plan, context), {
        runs: runs.tools,
        openLocation: open.openLocation,
        installation: await open.installationId(),
        ...open.tools,
        newKeys: currentKeys(context),
        askPassword: ringPassword(context, undefined),
        retry: retryPatiently({ make: false }),
        report: () => undefined,
        begun,
        signal,
      });
    });
    return { run };
  },
});

/** By a plan that was removed since, or cannot be read, nothing is pruned. */
async function rulesOf(id: string | undefined, { services, place }: HomeContext) {
  const { plans } = await services.plans(place).store.read();
  const found = plans.find(({ plan }) => plan.id === id);
  return found === undefined ? new Map<string, never>() : rulesOfPlan(found.plan);
}
