import { object, strictObject } from "valibot";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { locationSchema } from "./location-schema.ts";

export const listLocationsOperation = defineOperation({
  id: "listLocations",
  summary: "List the locations of backups; none of them is asked",
  method: "get",
  path: "/locations",
  scope: "read",
  input: strictObject({}),
  output: object({ locations: listOf(locationSchema) }),
  async run(_, { services, place }) {
    await using open = await services.openLocations(place);
    return { locations: await open.setUp.describe() };
  },
});
