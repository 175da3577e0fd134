import {
  integer,
  literal,
  minValue,
  nullable,
  number,
  optional,
  picklist,
  pipe,
  record,
  regex,
  strictObject,
  transform,
  union,
  unknown,
  type GenericSchema,
  type InferOutput,
} from "valibot";
import { folderNames } from "#core/model/part.ts";
import type { ApiVersion } from "../api-version.ts";
import { flag, location, locations, text, uniqueList } from "../http/request-fields.ts";
import type { ChosenParts } from "./backups-port.ts";
import { chosenParts } from "./chosen-parts.ts";

/** What an archive's file may be called. */
export const fileName = pipe(
  text,
  regex(/^[^\\/]+\.tar$/, String.raw`does not match regular expression ^[^\\/]+\.tar$`),
);

const positive = (name: string) =>
  pipe(number("expected int"), integer("expected int"), minValue(1, `${name} must be at least 1`));

export const optionsRequest = strictObject({ days_until_stale: optional(positive("value")) });

export const freezeRequest = strictObject({ timeout: optional(positive("value"), 600) });

export const removeRequest = strictObject({ location: optional(locations) });

const whole = {
  name: optional(text, ""),
  filename: optional(fileName),
  password: optional(nullable(text)),
  compressed: optional(nullable(flag), true),
  location: optional(locations),
  homeassistant_exclude_database: optional(flag, false),
  background: optional(flag, false),
  extra: optional(record(text, unknown(), "expected dict"), {}),
};

const restoring = {
  password: optional(nullable(text)),
  background: optional(flag, false),
  location: optional(location),
};

const slugs = uniqueList(text);
const allOrSlugs = union([literal("ALL"), slugs], "expected ALL or a list of different slugs");
const folders = uniqueList(picklist(folderNames, "not a valid value"));
/** The first version also takes `homeassistant`, from the time when it was one of the folders. */
const oldFolders = uniqueList(picklist([...folderNames, "homeassistant"], "not a valid value"));

/** What is common to all partial requests. */
const partial = { homeassistant: optional(flag, false) };

export const fullBackupRequest = strictObject(whole);
export const fullRestoreRequest = strictObject(restoring);

export type FullBackupRequest = InferOutput<typeof fullBackupRequest>;
export type FullRestoreRequest = InferOutput<typeof fullRestoreRequest>;

type OfVersion<T> = Readonly<Record<ApiVersion, GenericSchema<unknown, T>>>;
interface WithParts {
  readonly parts: ChosenParts;
}

/** Throws in official words if nothing is chosen. */
export const partialBackupRequest: OfVersion<FullBackupRequest & WithParts> = {
  1: pipe(
    strictObject({
      ...whole,
      ...partial,
      addons: optional(allOrSlugs, []),
      folders: optional(oldFolders, []),
    }),
    transform((request) => ({ ...request, parts: chosenParts(request) })),
  ),
  2: pipe(
    strictObject({
      ...whole,
      ...partial,
      apps: optional(allOrSlugs, []),
      folders: optional(folders, []),
    }),
    transform(({ apps: addons, ...request }) => ({
      ...request,
      parts: chosenParts({ ...request, addons }),
    })),
  ),
};

/** Throws in official words if nothing is chosen. */
export const partialRestoreRequest: OfVersion<FullRestoreRequest & WithParts> = {
  1: pipe(
    strictObject({
      ...restoring,
      ...partial,
      addons: optional(slugs, []),
      folders: optional(oldFolders, []),
    }),
    transform((request) => ({ ...request, parts: chosenParts(request) })),
  ),
  2: pipe(
    strictObject({
      ...restoring,
      ...partial,
      apps: optional(slugs, []),
      folders: optional(folders, []),
    }),
    transform(({ apps: addons, ...request }) => ({
      ...request,
      parts: chosenParts({ ...request, addons }),
    })),
  ),
};
