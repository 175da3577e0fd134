import { number, object, optional, strictObject, string, type InferOutput } from "valibot";
import { findDescribed } from "#jobs/locations/find-described.ts";
import { lookAtLocation } from "#jobs/locations/look-at-location.ts";
import { defineOperation } from "../operation.ts";
import { idReference } from "../schema/names.ts";
import { locationEntries } from "./location-schema.ts";

const output = object({
  ...locationEntries,
  backups: number(),
  bytes: number(),
  freeBytes: optional(number()),
  /** When all of it was seen so. */
  asOf: optional(string()),
  /** Why it did not answer. */
  problem: optional(object({ problem: string(), message: string(), advice: optional(string()) })),
});

/** As it comes over the wire. */
export type LocationInfoDocument = InferOutput<typeof output>;

export const locationInfoOperation = defineOperation({
  id: "locationInfo",
  summary: "Tell what a location is like, what is there and how much room it has",
  method: "get",
  path: "/locations/{location}",
  scope: "read",
  input: strictObject({ location: idReference }),
  output,
  async run({ location: id }, { services, place, signal }) {
    await using open = await services.openLocations(place);
    const { setUp, locations, clock } = open;
    const described = findDescribed(await setUp.describe(), id);
    return { ...described, ...(await lookAtLocation(locations, id, { clock, signal })) };
  },
});
