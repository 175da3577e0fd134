import { boolean, picklist, pipe, transform, union } from "valibot";

/** True or false, also as the text that stands in a query. */
export const queryFlag = union([
  boolean(),
  pipe(
    picklist(["true", "false"]),
    transform((text) => text === "true"),
  ),
]);
