import { strictObject } from "valibot";
import { cancelRun } from "#jobs/runs/cancel-run.ts";
import { describeRun } from "#jobs/runs/describe-run.ts";
import { findRun } from "#jobs/runs/find-run.ts";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";
import { runSchema } from "./run-schema.ts";

export const cancelRunOperation = defineOperation({
  id: "cancelRun",
  summary: "End a run, whichever process carries it out, and wait until it has ended",
  method: "post",
  path: "/runs/{run}/cancel",
  scope: "backup",
  inSetUp: true,
  input: strictObject({ run: idReference }),
  output: runSchema,
  async run({ run }, { services, place, signal }) {
    await using runs = await services.openRuns(place);
    const found = await findRun(run, runs.tools);
    return describeRun(await cancelRun(found, runs.tools, signal));
  },
});
