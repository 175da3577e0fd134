import { strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";
import { locationSchema } from "./location-schema.ts";

export const useLocationOperation = defineOperation({
  id: "useLocation",
  summary: "Back up to this location where none is named",
  method: "post",
  path: "/locations/{location}/use",
  scope: "admin",
  input: strictObject({ location: idReference }),
  output: locationSchema,
  async run({ location: id }, { services, place }) {
    await using open = await services.openLocations(place);
    return await open.setUp.makeDefault(id);
  },
});
