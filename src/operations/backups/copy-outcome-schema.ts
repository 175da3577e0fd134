import { object, optional, string, type InferOutput } from "valibot";

/** What came of work at one copy of a backup. */
export const copyOutcomeSchema = object({
  location: string(),
  file: string(),
  /** Why it was not done. */
  error: optional(object({ problem: string(), message: string() })),
});

/** As it comes over the wire. */
export type CopyOutcomeDocument = InferOutput<typeof copyOutcomeSchema>;
