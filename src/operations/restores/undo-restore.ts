import { boolean, optional, strictObject } from "valibot";
import { runAlone } from "#jobs/runs/run-alone.ts";
import { defineOperation } from "../operation.ts";
import { begunSchema } from "../runs/begun-schema.ts";
import { serviceEntries } from "./service-schema.ts";

export const undoRestoreOperation = defineOperation({
  id: "undoRestore",
  summary: "Bring back the state before the last restore",
  method: "post",
  path: "/restore/undo",
  scope: "restore",
  inSetUp: true,
  startsRun: true,
  input: strictObject({ dropNewer: optional(boolean(), false), ...serviceEntries }),
  output: begunSchema,
  async run(options, { services, place, desk }) {
    const run = await desk.begin(async ({ begun, signal }) => {
      await using home = await services.openHome(place);
      await using runs = await services.openRuns(place);
      const { installation, location } = home;
      const work = async ({ signal: cancelled }: { signal: AbortSignal }) => {
        await using _ = await home.hold("undo", cancelled);
        return await installation.undo(options, cancelled);
      };
      const about = { kind: "undo", location: location.id, backup: undefined } as const;
      return await runAlone({ ...about, begun, signal, work }, runs.tools);
    });
    return { run };
  },
});
