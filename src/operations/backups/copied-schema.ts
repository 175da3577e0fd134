import { object, string } from "valibot";
import { listOf } from "../schema/list-of.ts";
import { deliveredSchema } from "./delivered-schema.ts";

/** What a run has come to that delivered a backup which was there. */
export const copiedSchema = object({
  slug: string(),
  name: string(),
  fileName: string(),
  run: string(),
  copies: listOf(deliveredSchema),
});
