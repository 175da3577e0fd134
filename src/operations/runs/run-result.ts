import { object, strictObject, unknown } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { findRun } from "#jobs/runs/find-run.ts";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";

export const runResultOperation = defineOperation({
  id: "runResult",
  summary: "What a run came to, in every detail, for as long as the server remembers it",
  method: "get",
  path: "/runs/{run}/result",
  scope: "read",
  inSetUp: true,
  input: strictObject({ run: idReference }),
  output: object({ result: unknown() }),
  async run({ run }, { services, place, desk }) {
    await using runs = await services.openRuns(place);
    const { id, ended } = await findRun(run, runs.tools);
    if (ended === undefined) throw notYet(id);
    const end = await desk.end(id);
    if (end === undefined) throw forgotten(id);
    if (end.kind === "failed") throw end.error;
    return { result: end.result };
  },
});

function notYet(id: string): SafehouseError {
  return new SafehouseError("busy", `The run ${id} has not ended yet`, { subject: id });
}

function forgotten(id: string): SafehouseError {
  return new SafehouseError("not-found", `The details of the run ${id} are no longer known`, {
    subject: id,
    advice: "What is known of it stands in the list of runs",
  });
}
