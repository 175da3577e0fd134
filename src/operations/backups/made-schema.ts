import {
  boolean,
  nullable,
  number,
  object,
  optional,
  picklist,
  string,
  type InferOutput,
} from "valibot";
import { entryNote } from "../schema/entry-note.ts";
import { listOf } from "../schema/list-of.ts";
import { deliveredSchema } from "./delivered-schema.ts";
import { verificationSchema } from "./verification-schema.ts";

const part = object({
  part: string(),
  status: picklist(["complete", "warnings", "failed"]),
  files: number(),
  bytes: number(),
  storedBytes: number(),
  notes: listOf(entryNote),
  error: optional(string()),
});

/** A backup that was made, and what became of it at each location. */
export const madeSchema = object({
  status: picklist(["complete", "warnings", "incomplete"]),
  slug: string(),
  name: string(),
  date: string(),
  type: picklist(["full", "partial"]),
  protected: boolean(),
  location: string(),
  fileName: string(),
  size: number(),
  parts: listOf(part),
  verified: optional(verificationSchema),
  seconds: number(),
  verifySeconds: number(),
  run: string(),
  copies: listOf(deliveredSchema),
  /** Id of the key of the ring that it is encrypted with. */
  key: nullable(string()),
  recovered: listOf(string()),
});

/** As it comes over the wire. */
export type MadeDocument = InferOutput<typeof madeSchema>;
