import { maxLength, optional, pipe, strictObject, string } from "valibot";
import { defineOperation } from "../operation.ts";
import { shortText } from "../schema/names.ts";
import { locationSchema, settingsInput } from "./location-schema.ts";

export const addLocationOperation = defineOperation({
  id: "addLocation",
  summary: "Add a location: its place is made if it is missing, and marked",
  method: "post",
  path: "/locations",
  scope: "admin",
  input: strictObject({
    id: pipe(string(), maxLength(255)),
    name: optional(shortText),
    /** A folder without it. */
    kind: optional(shortText),
    settings: settingsInput,
  }),
  output: locationSchema,
  async run({ id, name, kind, settings }, { services, place, signal }) {
    await using open = await services.openLocations(place);
    return await open.setUp.add({ id, name, kind, settings }, signal);
  },
});
