import { number, object, optional, strictObject } from "valibot";
import { listBackups } from "#jobs/backup/list-backups.ts";
import { listCopies } from "#jobs/locations/list-copies.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { givenId } from "../schema/names.ts";
import { locationAnswerSchema } from "./backup-schema.ts";

export const reloadBackupsOperation = defineOperation({
  id: "reloadBackups",
  summary:
    "Believe nothing that is remembered of a location, or of all, and read every archive's headers again",
  method: "post",
  path: "/backups/reload",
  scope: "backup",
  inSetUp: true,
  input: strictObject({ location: optional(givenId) }),
  output: object({
    backups: number(),
    others: number(),
    /** Absent where only one was asked for. */
    locations: optional(listOf(locationAnswerSchema)),
  }),
  async run({ location: wanted }, context) {
    const { signal } = context;
    await using open = await context.services.openLocations(atLocation(context, wanted));
    const { locations, chosen, clock } = open;
    if (chosen !== undefined) {
      const location = await locations.open(chosen, signal);
      await location.doubt();
      const { backups, others } = await listBackups(location, signal);
      return { backups: backups.length, others: others.length };
    }
    await locations.doubt();
    const listing = await listCopies(locations, { fresh: true, clock, signal });
    const { backups, others } = listing;
    return { backups: backups.length, others: others.length, locations: listing.locations };
  },
});
