import { JsonFields, readText, refuse } from "../json-fields.ts";
import { parseHomePlan } from "../plan/home-plan.ts";
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
    name: "rules",
    comment: "What does not go into backups; the last rule that matches decides.",
    check: checkRules,
  },
  {
    name: "plans",
    comment: "What is backed up when, where to, and for how long.",
    check: checkPlans,
  },
];

function checkPaths(value: unknown): void {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse("paths", "an object of paths");
  const fields = new JsonFields(value, "paths", Object.keys(value));
  for (const name of Object.keys(value)) fields.text(name);
}

function checkRules(value: unknown): void {
  if (!Array.isArray(value)) refuse("rules", "a list");
  for (const [at, rule] of value.entries()) parseRule(readText(rule, `rules[${at}]`));
}

function checkPlans(value: unknown): void {
  if (!Array.isArray(value)) refuse("plans", "a list");
  const ids = value.map((plan: unknown) => parseHomePlan(plan).id);
  const again = ids.findIndex((id, at) => ids.indexOf(id) < at);
  if (again >= 0) refuse(`plans[${again}].id`, "another one than those before it");
}
