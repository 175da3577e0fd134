import {
  boolean,
  number,
  object,
  optional,
  picklist,
  string,
  union,
  unknown,
  type InferOutput,
} from "valibot";
import { listOf } from "../schema/list-of.ts";

const problem = object({ problem: string(), message: string() });

/** A note in plain text, or sealed with the key of an encrypted backup. */
const note = union([
  object({ text: string(), at: string() }),
  object({ sealed: unknown(), at: string() }),
]);

const backupEntries = {
  slug: optional(string()),
  name: optional(string()),
  date: optional(string()),
  type: optional(picklist(["full", "partial"])),
  protected: optional(boolean()),
  compressed: optional(boolean()),
  size: number(),
  location: string(),
  file: string(),
  modifiedAt: optional(string()),
  homeassistant: optional(object({ version: optional(string()), databaseIncluded: boolean() })),
  folders: listOf(object({ name: string(), size: number() })),
  addons: listOf(object({ slug: string(), name: string(), version: string(), size: number() })),
  problems: listOf(problem),
  verification: optional(object({ verdict: string(), level: string(), at: string() })),
  /** Kept whatever rules say; absent if that is not known. */
  pinned: optional(boolean()),
  note: optional(note),
};

/** A backup at a location; what cannot be read of a damaged one is left out. */
export const backupSchema = object(backupEntries);

/** One archive of a backup at a location. */
export const copyEntries = {
  location: string(),
  file: string(),
  size: number(),
  modifiedAt: optional(string()),
  protected: optional(boolean()),
  state: picklist(["present", "damaged"]),
  problems: listOf(problem),
  verification: backupEntries.verification,
  pinned: optional(boolean()),
  note: optional(note),
};

const copySchema = object(copyEntries);

/** A backup with all its copies; what is told of the backup itself is told by the first of them. */
export const groupedBackupEntries = { ...backupEntries, copies: listOf(copySchema) };

/** A location as far as a list goes. */
export const locationAnswerSchema = object({
  id: string(),
  name: string(),
  isDefault: boolean(),
  /** When all of it was seen as it is listed. */
  asOf: optional(string()),
  /** Why it did not answer. */
  problem: optional(object({ problem: string(), message: string(), advice: optional(string()) })),
});

/** As they come over the wire. */
export type BackupDocument = InferOutput<typeof backupSchema>;
export type LocationAnswerDocument = InferOutput<typeof locationAnswerSchema>;

/** The same with all its copies. */
export type GroupedBackupDocument = BackupDocument & {
  readonly copies: readonly InferOutput<typeof copySchema>[];
};
