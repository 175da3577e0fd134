import { number, object, optional, strictObject, string, union, type InferOutput } from "valibot";
import { describeListing, listBackups } from "#jobs/backup/list-backups.ts";
import { listCopies } from "#jobs/locations/list-copies.ts";
import { atLocation } from "../at-location.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";
import { queryCount } from "../schema/query-count.ts";
import { queryFlag } from "../schema/query-flag.ts";
import { givenId } from "../schema/names.ts";
import { backupSchema, groupedBackupEntries, locationAnswerSchema } from "./backup-schema.ts";

const other = { file: string(), message: string() };

/** Over all locations, each backup once. */
const groupedListing = object({
  backups: listOf(object(groupedBackupEntries)),
  others: listOf(object({ location: string(), ...other })),
  locations: listOf(locationAnswerSchema),
  /** Of all backups, also those before `offset` and after `limit`. */
  total: number(),
});

/** At one location. */
const listing = object({
  location: string(),
  backups: listOf(backupSchema),
  others: listOf(object(other)),
  total: number(),
  asOf: locationAnswerSchema.entries.asOf,
  problem: locationAnswerSchema.entries.problem,
});

export const listBackupsOperation = defineOperation({
  id: "listBackups",
  summary: "List the backups, newest first: each once over all locations, or those at one location",
  method: "get",
  path: "/backups",
  scope: "read",
  inSetUp: true,
  input: strictObject({
    location: optional(givenId),
    /** Waits until each location has answered or is given up; else those that take long are told of as they were. */
    fresh: optional(queryFlag, false),
    offset: optional(queryCount(0, 1_000_000), 0),
    limit: optional(queryCount(1, 100_000), 100_000),
  }),
  output: union([groupedListing, listing]),
  async run({ location: wanted, fresh, offset, limit }, context) {
    const { signal } = context;
    await using open = await context.services.openLocations(atLocation(context, wanted));
    const { locations, chosen, clock, glance } = open;
    const page = <Backup>(backups: readonly Backup[]) => ({
      backups: backups.slice(offset, offset + limit),
      total: backups.length,
    });
    if (chosen === undefined) {
      const options = { fresh: true, clock, signal };
      const all = await listCopies(locations, options, fresh ? undefined : glance);
      return { ...all, ...page(all.backups) };
    }
    if (!fresh) {
      const { id } = await locations.look(chosen);
      const { listing: found, lookedAt, problem } = await glance(chosen);
      const asOf = lookedAt === undefined ? undefined : new Date(lookedAt).toISOString();
      const there = describeListing(found);
      return { location: id, ...there, ...page(there.backups), asOf, problem };
    }
    const location = await locations.open(chosen, signal);
    const there = await listBackups(location, signal);
    return { location: location.id, ...there, ...page(there.backups) };
  },
});

/** As they come over the wire. */
export type GroupedListing = InferOutput<typeof groupedListing>;
export type PlainListing = InferOutput<typeof listing>;
