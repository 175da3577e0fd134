import { maxLength, minLength, object, optional, pipe, regex, strictObject, string } from "valibot";
import { partName } from "#core/model/part.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { pathsSchema } from "./home-paths.ts";

const path = optional(pipe(string(), minLength(1), maxLength(4096), regex(/^[^\0]+$/u)));

export const savePathsOperation = defineOperation({
  id: "savePaths",
  summary: "Save where the home lies, and tell what is found there",
  method: "put",
  path: "/paths",
  scope: "admin",
  inSetUp: true,
  input: strictObject({
    /** The folder above the others. */
    home: path,
    config: path,
    share: path,
    ssl: path,
    media: path,
    addonsLocal: path,
    addonData: path,
  }),
  output: object({
    paths: pathsSchema,
    homeassistantVersion: optional(string()),
    parts: listOf(string()),
  }),
  async run(input, { services, place, signal }) {
    const { rules } = await services.readSettings(place);
    const paths = await services.resolvePaths({ ...place, ...input });
    await services.saveSettings(place, { paths, rules });
    await using home = await services.openHome(place);
    const { homeassistantVersion, parts } = await home.installation.describe(signal);
    return { paths, homeassistantVersion, parts: parts.map(partName) };
  },
});
