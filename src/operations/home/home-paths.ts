import { object, record, strictObject, string } from "valibot";
import { defineOperation } from "../operation.ts";

/** Absolute paths by name: `config`, `share`, `ssl`, `media`, `addonsLocal`, `addonData`. */
export const pathsSchema = record(string(), string());

export const homePathsOperation = defineOperation({
  id: "homePaths",
  summary: "Tell where the home lies",
  method: "get",
  path: "/paths",
  scope: "read",
  inSetUp: true,
  input: strictObject({}),
  output: object({ paths: pathsSchema }),
  async run(_, { services, place }) {
    return { paths: (await services.readSettings(place)).paths };
  },
});
