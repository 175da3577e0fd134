import { boolean, object, optional, strictObject, string } from "valibot";
import { runAlone } from "#jobs/runs/run-alone.ts";
import { defineRunOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { serviceState } from "./restored-schema.ts";
import { serviceFor } from "./service-for.ts";
import { serviceEntries } from "./service-schema.ts";

const undoneSchema = object({
  parts: listOf(string()),
  dropped: listOf(string()),
  service: serviceState,
  warnings: listOf(string()),
  recovered: listOf(string()),
});

export const undoRestoreOperation = defineRunOperation({
  id: "undoRestore",
  summary: "Bring back the state before the last restore",
  method: "post",
  path: "/restore/undo",
  scope: "restore",
  inSetUp: true,
  input: strictObject({ dropNewer: optional(boolean(), false), ...serviceEntries }),
  result: undoneSchema,
  async run(agreed, context) {
    const { services, place, desk } = context;
    const service = await serviceFor(context, agreed.stopped);
    const run = await desk.begin(async ({ begun, signal }) => {
      await using home = await services.openHome(place);
      await using runs = await services.openRuns(place);
      const { installation } = home;
      const work = async ({ signal: cancelled }: { signal: AbortSignal }) => {
        await using _ = await home.hold("undo", cancelled);
        return await installation.undo({ ...agreed, ...service }, cancelled);
      };
      const about = { kind: "undo", location: home.chosen, backup: undefined } as const;
      const report = await runAlone({ ...about, begun, signal, work }, runs.tools);
      return { ...report, recovered: home.recovered };
    });
    return { run };
  },
});
