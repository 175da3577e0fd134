import { optional, strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { idReference, shortText } from "../schema/names.ts";
import { locationSchema, settingsInput } from "./location-schema.ts";

export const changeLocationOperation = defineOperation({
  id: "changeLocation",
  summary: "Change a location; backups are not moved to where it comes to lie",
  method: "patch",
  path: "/locations/{location}",
  scope: "admin",
  input: strictObject({
    location: idReference,
    name: optional(shortText),
    /** Only those that change. */
    settings: settingsInput,
  }),
  output: locationSchema,
  async run({ location: id, name, settings }, { services, place, signal }) {
    await using open = await services.openLocations(place);
    return await open.setUp.change(id, { name, settings }, signal);
  },
});
