import {
  boolean,
  integer,
  looseObject,
  minValue,
  nullable,
  number,
  object,
  optional,
  picklist,
  pipe,
  strictObject,
  string,
  type InferOutput,
} from "valibot";
import { listOf } from "../schema/list-of.ts";
import { givenId, shortText } from "../schema/names.ts";

const count = optional(pipe(number(), integer(), minValue(1)));

/** What is kept; whatever any of it keeps stays. */
const ruleSchema = strictObject({
  copies: count,
  days: count,
  longestPauseInHours: count,
  generations: optional(
    strictObject({ hourly: count, daily: count, weekly: count, monthly: count, yearly: count }),
  ),
  /** Days of the week, the month and the year. */
  anchors: optional(strictObject({ weekly: count, monthly: count, yearly: count })),
  /** Time zone in which days begin. */
  zone: shortText,
});

/** Which rule is applied to what. */
export const pruneEntries = {
  location: optional(givenId),
  /** Only the backups of this plan; those of every plan by themselves without it. */
  plan: optional(shortText),
  rule: ruleSchema,
};

const copy = object({
  slug: string(),
  file: string(),
  size: number(),
  date: nullable(string()),
  plan: nullable(string()),
  /** `text` is for people. */
  reasons: listOf(looseObject({ kind: string(), text: string() })),
});

const stop = object({
  because: listOf(picklist(["more-than-half", "too-many"])),
  going: number(),
  touchable: number(),
  token: string(),
});

/** What goes and stays at a location, and why. */
export const prunedSchema = object({
  location: string(),
  removed: listOf(copy),
  kept: listOf(copy),
  /** What needs a person's word; null for nothing. */
  stop: nullable(stop),
  dryRun: boolean(),
});

/** As it comes over the wire. */
export type PrunedDocument = InferOutput<typeof prunedSchema>;
