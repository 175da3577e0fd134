import { object, picklist, string } from "valibot";

/** What happened to an entry of a backup that is not as the others. */
export const entryNote = object({
  path: string(),
  problem: picklist([
    "unreadable",
    "vanished",
    "grew",
    "shrank",
    "special",
    "mount",
    "database",
    "unsafe",
    "unsupported",
    "duplicate",
    "outside-link",
    "no-home",
  ]),
  message: string(),
});
