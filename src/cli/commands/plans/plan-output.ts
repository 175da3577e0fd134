import { currentKey } from "#core/model/plan.ts";
import { parseRetentionRule } from "#core/retention/parse-retention-rule.ts";
import { wordRule } from "#core/retention/word-rule.ts";
import type { PlanList } from "#operations/plans/list-plans.ts";
import type { PlanDescription } from "#operations/plans/plan-schema.ts";
import { printable } from "../../output/table.ts";
import { machineZone, wallTime } from "./wall-time.ts";

type Uncovered = NonNullable<PlanList["uncovered"]>;

/** A line about what no plan backs up; empty if every part is covered. */
export function uncoveredText({ parts, database }: Uncovered): string {
  const names = [...parts, ...(database ? ["the recorder database"] : [])];
  return names.length === 0 ? "" : `Backed up by no plan: ${printable(names.join(", "))}\n`;
}

/** When a plan runs next, in words. */
export function nextText({ coming, schedule, enabled }: PlanDescription): string {
  const [next] = coming;
  if (!enabled) return "disabled";
  if (next === undefined) return schedule === undefined ? "when asked" : "never";
  const time = wallTime(next.at, schedule?.zone ?? machineZone());
  if (next.reason === "missed") return "now: a run was missed";
  return next.reason === "retry" ? `${time}, again after a failure` : time;
}

/** How the last run of a plan ended, in words. */
export function lastText({ lastRun, schedule }: PlanDescription): string {
  if (lastRun === undefined) return "never";
  const { state, started, message, failures } = lastRun;
  const time = wallTime(started, schedule?.zone ?? machineZone());
  const row = failures > 1 ? `, ${failures} times in a row` : "";
  return `${state} (${time}${row})${message === undefined ? "" : `: ${message}`}`;
}

/** What a plan backs up, in words. */
export function selectionText({ selection }: PlanDescription): string {
  const { include, except, database } = selection;
  const parts = include === "everything" ? "everything, new add-ons too" : include.join(", ");
  const left = except.length === 0 ? "" : `, except ${except.join(", ")}`;
  return `${parts}${left}${database ? "" : ", without the recorder database"}`;
}

/** With which key a plan encrypts, in words. */
export function encryptionText({ encryptionKey }: PlanDescription): string {
  if (encryptionKey === undefined) return "NOT encrypted";
  return encryptionKey === currentKey ? "with the current key" : `with key ${encryptionKey}`;
}

/** A plan for people, one line for each thing that it says. */
export function planText(plan: PlanDescription): string {
  const places = plan.locations.map(
    ({ location, retention }) =>
      `${location}, which keeps ${wordRule(retention && parseRetentionRule(retention))}`,
  );
  const rows = [
    ["Plan", `${plan.id} "${plan.name}"${plan.enabled ? "" : " (disabled)"}`],
    ["Backs up", selectionText(plan)],
    ["When", plan.when],
    ["Missed runs", plan.catchUp ? "are made up for" : "are left out"],
    ...(places.length === 0
      ? [["Where to", "nowhere yet; name a location with --location"]]
      : places.map((place, at) => [at === 0 ? "Where to" : "", place])),
    ["Encryption", encryptionText(plan)],
    ["Read back", plan.verify ? "yes" : "no"],
    ["Names", plan.nameTemplate],
    ["Next run", nextText(plan)],
    ["Last run", lastText(plan)],
  ];
  return rows
    .map(([label = "", value = ""]) => `${label.padEnd(12)} ${printable(value)}\n`)
    .join("");
}
