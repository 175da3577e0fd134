import { object, optional, strictObject, string, union, type InferOutput } from "valibot";
import { listBackups } from "#jobs/backup/list-backups.ts";
import { listCopies } from "#jobs/locations/list-copies.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { locationId } from "../schema/names.ts";
import { backupSchema, groupedBackupEntries, locationAnswerSchema } from "./backup-schema.ts";

const other = { file: string(), message: string() };

/** Over all locations, each backup once. */
const groupedListing = object({
  backups: listOf(object(groupedBackupEntries)),
  others: listOf(object({ location: string(), ...other })),
  locations: listOf(locationAnswerSchema),
});

/** At one location. */
const listing = object({
  location: string(),
  backups: listOf(backupSchema),
  others: listOf(object(other)),
});

export const listBackupsOperation = defineOperation({
  id: "listBackups",
  summary: "List the backups, newest first: each once over all locations, or those at one location",
  method: "get",
  path: "/backups",
  scope: "read",
  input: strictObject({ location: optional(locationId) }),
  output: union([groupedListing, listing]),
  async run({ location: wanted }, context) {
    const { signal } = context;
    await using open = await context.services.openLocations(atLocation(context, wanted));
    const { locations, chosen, clock } = open;
    if (chosen === undefined) return await listCopies(locations, { fresh: true, clock, signal });
    const location = await locations.open(chosen, signal);
    return { location: location.id, ...(await listBackups(location, signal)) };
  },
});

/** As they come over the wire. */
export type GroupedListing = InferOutput<typeof groupedListing>;
export type PlainListing = InferOutput<typeof listing>;
