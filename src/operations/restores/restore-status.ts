import { nullable, number, object, strictObject, string } from "valibot";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";

const undo = object({
  slug: string(),
  name: string(),
  restoredAt: string(),
  keptUntil: string(),
  bytes: number(),
  newerData: listOf(string()),
});

export const restoreStatusOperation = defineOperation({
  id: "restoreStatus",
  summary: "Tell whether a restore can be undone, and what that would drop",
  method: "get",
  path: "/restore",
  scope: "read",
  inSetUp: true,
  input: strictObject({}),
  output: object({ undo: nullable(undo), recovered: listOf(string()) }),
  async run(_, { services, place }) {
    await using home = await services.openHome(place);
    return { undo: (await home.installation.undoState()) ?? null, recovered: home.recovered };
  },
});
