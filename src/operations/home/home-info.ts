import { object, optional, strictObject, string } from "valibot";
import { partName } from "#core/model/part.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";

export const homeInfoOperation = defineOperation({
  id: "homeInfo",
  summary: "Tell what there is to back up, and which version of Safehouse answers",
  method: "get",
  path: "/info",
  scope: "read",
  inSetUp: true,
  input: strictObject({}),
  output: object({
    version: string(),
    homeassistantVersion: optional(string()),
    parts: listOf(string()),
    addons: listOf(object({ slug: string(), name: string(), version: string() })),
    recovered: listOf(string()),
  }),
  async run(_, { services, place, signal }) {
    await using home = await services.openHome(place);
    const { homeassistantVersion, parts, addons } = await home.installation.describe(signal);
    return {
      version: services.version,
      homeassistantVersion,
      parts: parts.map(partName),
      addons: addons.map(({ slug, name, version }) => ({ slug, name, version })),
      recovered: home.recovered,
    };
  },
});
