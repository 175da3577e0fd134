import { JsonFields, readText, refuse, type ReadField } from "../json-fields.ts";
import { folderNames } from "../model/part.ts";
import type { Plan, PlanLocation, PlanSelection } from "../model/plan.ts";
import { readId } from "../read-id.ts";
import { parseSchedule } from "../schedule/parse-schedule.ts";
import { defaultNameTemplate, parseNameTemplate } from "./name-template.ts";

const fieldsOfPlan = [
  "id",
  "name",
  "enabled",
  "selection",
  "schedule",
  "catchUp",
  "locations",
  "nameTemplate",
  "encryptionKey",
  "verify",
];

/**
 * Reads a plan from JSON of the same shape. Needed are `id`, `name` and `selection`; without anything
 * else a plan is enabled, runs when asked, catches up, verifies, and does not encrypt.
 * @param readRetention reads the rule of a location
 * @throws SafehouseError `usage`, naming the field
 */
export function parsePlan<Retention>(
  value: unknown,
  readRetention: ReadField<Retention>,
): Plan<Retention> {
  const fields = new JsonFields(value, "plan", fieldsOfPlan);
  const readLocation: ReadField<PlanLocation<Retention>> = (item, path) => {
    const location = new JsonFields(item, path, ["location", "retention"]);
    return {
      location: location.text("location"),
      retention: location.optional("retention", readRetention),
    };
  };
  return {
    id: fields.value("id", readId),
    name: fields.text("name"),
    enabled: fields.flag("enabled", true),
    selection: fields.value("selection", readSelection),
    schedule: fields.optional("schedule", parseSchedule),
    catchUp: fields.flag("catchUp", true),
    locations: eachOnce(fields.list("locations", readLocation)),
    nameTemplate: fields.optional("nameTemplate", readNameTemplate) ?? defaultNameTemplate,
    encryptionKey: fields.optional("encryptionKey", readText),
    verify: fields.flag("verify", true),
  };
}

function readSelection(value: unknown, path: string): PlanSelection {
  const fields = new JsonFields(value, path, ["include", "except", "database"]);
  const database = fields.flag("database", true);
  const except = fields.list("except", readPart);
  const include = fields.value("include", (content, at) => {
    if (content === "everything") return content;
    if (Array.isArray(content) && content.length > 0) return fields.list("include", readPart);
    return refuse(at, "everything, or a list of parts with at least one");
  });
  if (include !== "everything" && except.length > 0)
    refuse(`${path}.except`, "left out where parts are named one by one");
  return { include, except, database };
}

/** `apps/local` is what newer Supervisors call `addons/local`. */
function readPart(value: unknown, path: string): string {
  if (value === "apps/local") return "addons/local";
  const isPart =
    typeof value === "string" &&
    (folderNames.some((folder) => folder === value) || /^[-_.A-Za-z0-9]+$/u.test(value));
  return isPart
    ? value
    : refuse(path, `homeassistant, the slug of an add-on or one of ${folderNames.join(", ")}`);
}

function readNameTemplate(value: unknown, path: string): string {
  const template = readText(value, path);
  parseNameTemplate(template);
  return template;
}

function eachOnce<Retention>(
  locations: readonly PlanLocation<Retention>[],
): readonly PlanLocation<Retention>[] {
  const names = locations.map(({ location }) => location);
  const again = names.findIndex((name, at) => names.indexOf(name) < at);
  if (again >= 0) refuse(`plan.locations[${again}].location`, "another one than those before it");
  return locations;
}
