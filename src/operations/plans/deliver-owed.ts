import { array, minLength, pipe, strictObject } from "valibot";
import { deliverOwed } from "#jobs/delivery/deliver-owed.ts";
import { findPlan } from "#jobs/plan/find-plan.ts";
import { copiedSchema } from "../backups/copied-schema.ts";
import { defineRunOperation } from "../operation.ts";
import { ringPassword } from "../ring-password.ts";
import { backupReference, givenId } from "../schema/names.ts";
import { currentKeys } from "../keys/current-keys.ts";

export const deliverOwedOperation = defineRunOperation({
  id: "deliverOwed",
  summary: "Deliver a backup of a plan to a location that it did not come to when it was made",
  method: "post",
  path: "/plans/{plan}/deliver",
  scope: "backup",
  input: strictObject({
    plan: givenId,
    slug: backupReference,
    from: pipe(array(givenId), minLength(1)),
    to: givenId,
  }),
  result: copiedSchema,
  async run(owed, context) {
    const { services, place, desk } = context;
    const plan = await findPlan(services.plans(place), owed.plan);
    const run = await desk.begin(async ({ begun, signal }) => {
      await using open = await services.openPlaces(place);
      await using runs = await services.openRuns(place);
      return await deliverOwed(owed, plan, {
        runs: runs.tools,
        openLocation: open.openLocation,
        installation: await open.installationId(),
        ...open.tools,
        newKeys: currentKeys(context),
        askPassword: ringPassword(context, undefined),
        report: () => undefined,
        begun,
        signal,
      });
    });
    return { run };
  },
});
