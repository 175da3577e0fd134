import { array, maxLength, minLength, object, pipe, string } from "valibot";
import { listOf } from "../schema/list-of.ts";

/** The saved rules, in the order in which they apply. */
export const rulesSchema = object({ rules: listOf(string()) });

export const rulesInput = pipe(
  array(pipe(string(), minLength(1), maxLength(1000))),
  maxLength(1000),
);
