import { number, object, optional, strictObject } from "valibot";
import { describeRun } from "#jobs/runs/describe-run.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { queryCount } from "../schema/query-count.ts";
import { runSchema } from "./run-schema.ts";

/** So many are told of at once; the journal keeps fewer. */
export const mostRuns = 500;

export const listRunsOperation = defineOperation({
  id: "listRuns",
  summary: "List the runs, newest first",
  method: "get",
  path: "/runs",
  scope: "read",
  inSetUp: true,
  input: strictObject({
    offset: optional(queryCount(0, 1_000_000), 0),
    limit: optional(queryCount(1, mostRuns), 50),
  }),
  output: object({ runs: listOf(runSchema), total: number() }),
  async run({ offset, limit }, { services, place }) {
    await using runs = await services.openRuns(place);
    const all = await runs.tools.journal.list(runs.tools.home);
    return { runs: all.slice(offset, offset + limit).map(describeRun), total: all.length };
  },
});
