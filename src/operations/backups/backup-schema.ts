import { boolean, number, object, optional, picklist, string } from "valibot";
import { listOf } from "../schema/list-of.ts";

const problem = object({ problem: string(), message: string() });

/** A backup at a location; what cannot be read of a damaged one is left out. */
export const backupSchema = object({
  slug: optional(string()),
  name: optional(string()),
  date: optional(string()),
  type: optional(picklist(["full", "partial"])),
  protected: optional(boolean()),
  compressed: optional(boolean()),
  size: number(),
  location: string(),
  file: string(),
  homeassistant: optional(object({ version: optional(string()), databaseIncluded: boolean() })),
  folders: listOf(object({ name: string(), size: number() })),
  addons: listOf(object({ slug: string(), name: string(), version: string(), size: number() })),
  problems: listOf(problem),
  verification: optional(object({ verdict: string(), level: string(), at: string() })),
});
