import {
  number,
  object,
  optional,
  picklist,
  string,
  variant,
  literal,
  type InferOutput,
} from "valibot";
import { listOf } from "../schema/list-of.ts";

const progress = object({
  step: string(),
  part: optional(string()),
  bytes: number(),
  totalBytes: optional(number()),
});

const step = object({
  kind: string(),
  location: string(),
  state: picklist([
    "queued",
    "running",
    "waiting-to-retry",
    "done",
    "failed",
    "cancelled",
    "skipped",
  ]),
  attempts: number(),
  started: optional(string()),
  ended: optional(string()),
  retryAt: optional(string()),
  percent: optional(number()),
  progress: optional(progress),
  error: optional(object({ problem: string(), message: string(), advice: optional(string()) })),
  log: listOf(object({ at: string(), text: string() })),
});

/** A run with its steps. */
export const runSchema = object({
  id: string(),
  trigger: variant("kind", [
    object({ kind: literal("manual") }),
    object({ kind: literal("plan"), plan: string() }),
  ]),
  state: string(),
  created: string(),
  ended: optional(string()),
  cancelAsked: optional(string()),
  pid: number(),
  backup: optional(object({ slug: string(), name: string(), fileName: string() })),
  steps: listOf(step),
});

/** A run as it comes over the wire. */
export type RunDocument = InferOutput<typeof runSchema>;
