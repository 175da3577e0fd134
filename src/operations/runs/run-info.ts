import { strictObject } from "valibot";
import { describeRun } from "#jobs/runs/describe-run.ts";
import { findRun } from "#jobs/runs/find-run.ts";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";
import { runSchema } from "./run-schema.ts";

export const runInfoOperation = defineOperation({
  id: "runInfo",
  summary: "Tell what a run does or has done",
  method: "get",
  path: "/runs/{run}",
  scope: "read",
  inSetUp: true,
  input: strictObject({ run: idReference }),
  output: runSchema,
  async run({ run }, { services, place }) {
    await using runs = await services.openRuns(place);
    return describeRun(await findRun(run, runs.tools));
  },
});
