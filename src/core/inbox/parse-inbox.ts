import { JsonFields } from "../json-fields.ts";
import { readId } from "../read-id.ts";

/** What becomes of archives that others bring. */
export interface InboxSettings {
  /** Ids of the locations that each gets a copy at, besides where it came. */
  readonly deliverTo: readonly string[];
}

/** Reads the setting `inbox`; undefined stands for no further locations. Throws `usage`. */
export function parseInbox(value: unknown): InboxSettings {
  const fields = new JsonFields(value ?? {}, "inbox", ["deliverTo"]);
  return { deliverTo: [...new Set(fields.list("deliverTo", readId))] };
}
