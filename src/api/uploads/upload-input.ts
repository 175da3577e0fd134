import { optional, strictObject } from "valibot";
import { givenId, shortText } from "#operations/schema/names.ts";

/** What is said of an archive that is sent in one go; its bytes are the body. */
export const uploadInput = strictObject({
  filename: optional(shortText),
  location: optional(givenId),
});
