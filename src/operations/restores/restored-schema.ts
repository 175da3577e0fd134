import { number, object, optional, picklist, string, type InferOutput } from "valibot";
import { entryNote } from "../schema/entry-note.ts";
import { listOf } from "../schema/list-of.ts";

const part = object({
  part: string(),
  status: picklist(["restored", "warnings", "skipped"]),
  files: number(),
  bytes: number(),
  notes: listOf(entryNote),
  reason: optional(string()),
});

const partPlan = object({
  part: string(),
  added: listOf(string()),
  replaced: listOf(string()),
  unchanged: number(),
  removed: listOf(string()),
  carriedOver: listOf(string()),
  counts: object({
    added: number(),
    replaced: number(),
    removed: number(),
    carriedOver: number(),
  }),
});

/** What is known of Home Assistant afterwards. */
export const serviceState = picklist(["untouched", "started", "answers", "not-running"]);

/** What a restore has come to, or what it would change. */
export const restoredSchema = object({
  status: picklist(["complete", "warnings", "incomplete", "planned"]),
  slug: string(),
  name: string(),
  date: string(),
  parts: listOf(part),
  plan: object({ parts: listOf(partPlan), extraBytes: number() }),
  undoUntil: optional(string()),
  service: optional(serviceState),
  warnings: listOf(string()),
  recovered: listOf(string()),
});

/** A restore as it comes over the wire. */
export type RestoredDocument = InferOutput<typeof restoredSchema>;
