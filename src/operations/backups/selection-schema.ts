import { array, boolean, maxLength, optional, pipe, string } from "valibot";

const names = pipe(array(pipe(string(), maxLength(255))), maxLength(1000));

/** Which parts are meant; none named means everything. */
export const selectionEntries = {
  homeassistant: optional(boolean()),
  excludeDatabase: optional(boolean(), false),
  folders: optional(names, []),
  /** Slugs; `ALL` for every one. */
  addons: optional(names, []),
};
