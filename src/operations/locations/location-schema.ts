import {
  boolean,
  maxLength,
  number,
  object,
  optional,
  pipe,
  record,
  string,
  union,
  type InferOutput,
} from "valibot";
import { listOf } from "../schema/list-of.ts";

export const locationEntries = {
  id: string(),
  name: string(),
  kind: string(),
  /** Where it is, in one line for people. */
  where: string(),
  settings: record(string(), union([string(), number(), boolean()])),
  /** Names of settings that are kept sealed. */
  secrets: listOf(string()),
  /** Id in the place's marker. */
  marker: optional(string()),
  isDefault: boolean(),
};

/** A location as it was set up; nothing in it is secret. */
export const locationSchema = object(locationEntries);

/** As it comes over the wire. */
export type LocationDocument = InferOutput<typeof locationSchema>;

/** Settings as a person types them, by name. */
export const settingsInput = optional(
  record(pipe(string(), maxLength(64)), pipe(string(), maxLength(10_000))),
  {},
);
