import type { HomePlan } from "#core/plan/home-plan.ts";
import { parseNameTemplate } from "#core/plan/name-template.ts";
import { selectParts } from "#core/plan/select-parts.ts";
import type { InstallationState } from "#installation/installation.ts";

export interface NameSurroundings {
  /** What the home has. */
  readonly state: InstallationState;
  /** When the backup is made, in milliseconds since 1970. */
  readonly now: number;
  /** Time zone of dates and times for a plan without a schedule. */
  readonly zone: string;
  readonly hostname: string | undefined;
}

/** The name that a plan gives a backup; with a time to come it is a preview. */
export function nameOfNextBackup(
  { name, nameTemplate, selection, schedule }: HomePlan,
  { state, now, zone, hostname }: NameSurroundings,
): string {
  const { parts } = selectParts(selection, state.parts);
  const isFull = selection.include === "everything" && parts.length === state.parts.length;
  return parseNameTemplate(nameTemplate)({
    type: isFull ? "full" : "partial",
    plan: name,
    at: now,
    zone: schedule?.zone ?? zone,
    homeassistantVersion: state.homeassistantVersion,
    // A home without a Supervisor has neither.
    osVersion: undefined,
    supervisorVersion: undefined,
    hostname,
  });
}
