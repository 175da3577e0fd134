import { object, optional, picklist, string, type InferOutput } from "valibot";
import { listOf } from "../schema/list-of.ts";

/** What became of the copy of a backup at one location. */
export const deliveredSchema = object({
  location: string(),
  state: picklist(["verified", "unverified", "damaged", "missing"]),
  verdict: optional(picklist(["proven", "readable", "present", "damaged", "missing"])),
  /** Slugs of the backups that were removed because their time was up. */
  pruned: optional(listOf(string())),
  error: optional(object({ problem: string(), message: string(), advice: optional(string()) })),
});

/** As it comes over the wire. */
export type DeliveredDocument = InferOutput<typeof deliveredSchema>;
