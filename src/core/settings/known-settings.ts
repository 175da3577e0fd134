import { JsonFields, readText, refuse } from "../json-fields.ts";
import { parseInbox } from "../inbox/parse-inbox.ts";
import { parseLocations } from "../location/parse-location.ts";
import { channelKinds } from "../notifications/channel-fields.ts";
import { parseHomePlan } from "../plan/home-plan.ts";
import { parseSharing } from "../sharing/parse-sharing.ts";
import { parseRule } from "../rules/parse-rule.ts";

/** A setting of a home that this program knows by name. */
export interface KnownSetting {
  readonly name: string;
  /** What it says, for people who read an export. */
  readonly comment: string;
  /** Throws `usage` if a value cannot be used, naming what is wrong. */
  readonly check: (value: unknown) => void;
}

/** The settings that are known, in the order in which they are best read. */
export const knownSettings: readonly KnownSetting[] = [
  {
    name: "installation",
    comment: "Whose backups are its own. Two installations must not have the same id.",
    check: (value) => void readText(value, "installation"),
  },
  {
    name: "paths",
    comment: "Where the home lies, and the folder of its backups.",
    check: checkPaths,
  },
  {
    name: "locationId",
    comment: "What the marker in the folder of the backups says.",
    check: (value) => void readText(value, "locationId"),
  },
  {
    name: "service",
    comment: "Commands that stop and start Home Assistant for a restore, and where it answers.",
    check: checkService,
  },
  {
    name: "rules",
    comment: "What does not go into backups; the last rule that matches decides.",
    check: checkRules,
  },
  {
    name: "plans",
    comment: "What is backed up when, where to, and for how long.",
    check: checkPlans,
  },
  {
    name: "locations",
    comment: "Where backups are kept, besides the folder above.",
    check: (value) => void parseLocations(value),
  },
  {
    name: "defaultLocation",
    comment: "Where backups go if no location is named.",
    check: (value) => void readText(value, "defaultLocation"),
  },
  {
    name: "notifications",
    comment: "By which channels people are told.",
    check: checkChannels,
  },
  {
    name: "inbox",
    comment: "Where archives are delivered on that others bring.",
    check: (value) => void parseInbox(value),
  },
  {
    name: "sharing",
    comment: "How the files of the backups are shared: WebDAV over plain HTTP, and a Samba share.",
    check: (value) => void parseSharing(value),
  },
];

function checkPaths(value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse("paths", "an object of paths");
  const fields = new JsonFields(value, "paths", Object.keys(value));
  for (const name of Object.keys(value)) fields.text(name);
}

function checkService(value: unknown): void {
  const names = ["stopCommand", "startCommand", "checkUrl"];
  const fields = new JsonFields(value, "service", names);
  for (const name of names) fields.optional(name, readText);
}

function checkRules(value: unknown): void {
  if (!Array.isArray(value)) refuse("rules", "a list");
  for (const [at, rule] of value.entries()) parseRule(readText(rule, `rules[${at}]`));
}

/** Their settings are not looked into: what is secret of them may be sealed, or left out. */
function checkChannels(value: unknown): void {
  const known = ["id", "kind", "name", "settings", "events", "plans"];
  new JsonFields({ notifications: value }, "settings", ["notifications"]).list(
    "notifications",
    (item, path) => {
      const fields = new JsonFields(item, path, known);
      return [fields.text("id"), fields.oneOf("kind", channelKinds)];
    },
  );
}

function checkPlans(value: unknown): void {
  if (!Array.isArray(value)) refuse("plans", "a list");
  const ids = value.map((plan: unknown) => parseHomePlan(plan).id);
  const again = ids.findIndex((id, at) => ids.indexOf(id) < at);
  if (again >= 0) refuse(`plans[${again}].id`, "another one than those before it");
}
