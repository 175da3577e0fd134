import { boolean, number, object, optional, picklist, string, type InferOutput } from "valibot";
import { listOf } from "../schema/list-of.ts";

const verdict = picklist(["proven", "readable", "present", "damaged", "missing"]);

const partVerification = object({
  part: string(),
  member: optional(string()),
  verdict,
  files: number(),
  bytes: number(),
  problems: listOf(object({ path: optional(string()), message: string() })),
});

/** What a verification has found. */
export const verificationSchema = object({
  slug: string(),
  name: string(),
  level: picklist(["listing", "structure", "content"]),
  verdict,
  indexed: boolean(),
  parts: listOf(partVerification),
  warnings: listOf(string()),
});

/** A verification as it comes over the wire. */
export type VerificationDocument = InferOutput<typeof verificationSchema>;
