import { boolean, object, picklist, strictObject, string, type InferOutput } from "valibot";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";

const field = object({
  name: string(),
  /** What it is. */
  title: string(),
  type: picklist(["text", "lines", "number", "flag", "folder"]),
  /** It is sealed where it is kept, and never shown. */
  secret: boolean(),
});

const kindSchema = object({ kind: string(), title: string(), fields: listOf(field) });

export type KindDocument = InferOutput<typeof kindSchema>;

export const listKindsOperation = defineOperation({
  id: "listLocationKinds",
  summary: "List the kinds of places that locations can be, and their settings",
  method: "get",
  path: "/location-kinds",
  scope: "read",
  input: strictObject({}),
  output: object({ kinds: listOf(kindSchema) }),
  async run(_, { services, place }) {
    await using open = await services.openLocations(place);
    return { kinds: open.setUp.kinds() };
  },
});
