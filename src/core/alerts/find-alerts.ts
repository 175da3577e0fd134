import type { StepError } from "../model/run.ts";
import type { AlertFacts, FailedArrivals, PlanCopyFacts, PlanFacts } from "./alert-facts.ts";
import type { Alert, AlertKind } from "./alert.ts";
import { findStaleCopy } from "./find-stale-copy.ts";
import { newAlert } from "./new-alert.ts";

/** What facts say of one kind of alert: those that go on, or undefined if nobody knows. */
export type FoundAlerts = Readonly<Record<AlertKind, readonly Alert[] | undefined>>;

const day = 24 * 60 * 60_000;
/** Whoever has just made a key is reminded by whatever made it. */
const graceForKit = day;

/**
 * Everything that is wrong at `now`, one alert for each id. A plan whose runs make no good backup at all is
 * one alert, not one for each of its locations.
 */
export function findAlerts(facts: AlertFacts, now: number): FoundAlerts {
  const { plans, copies, uncovered, stoppedPrunes, damaged, arrivals, unreadable } = facts;
  return {
    "run-failed": plans?.filter(({ failures }) => failures > 0).map(runFailed),
    "copy-failed": copies?.filter(({ failures }) => failures > 0).map(copyFailed),
    "prune-failed": copies?.flatMap(pruneFailed),
    "copy-stale": copies?.flatMap((copy) => findStaleCopy(copy, now) ?? []),
    uncovered: uncovered && partsUncovered(uncovered),
    "key-unproven": keyUnproven(facts.key, now),
    "prune-stopped": stoppedPrunes?.map(pruneStopped),
    "copy-damaged": damaged?.filter(({ slugs }) => slugs.length > 0).map(copyDamaged),
    "arrival-failed": arrivals?.flatMap(arrivalFailed),
    "state-unreadable": unreadable?.map(stateUnreadable),
  };
}

function runFailed({ plan, planName, failures, error }: PlanFacts): Alert {
  const times = failures === 1 ? "failed" : `failed ${failures} times in a row`;
  return newAlert({
    kind: "run-failed",
    severity: "error",
    message: `The backup of plan ${planName} ${times}${because(error)}`,
    advice: error?.advice ?? "Look at the run: safehouse runs list",
    plan,
  });
}

function copyFailed({
  plan,
  planName,
  location,
  locationName,
  failures,
  error,
}: PlanCopyFacts): Alert {
  const times = failures === 1 ? "" : `, ${failures} times in a row`;
  return newAlert({
    kind: "copy-failed",
    severity: "error",
    message: `The backup of plan ${planName} did not reach ${locationName}${times}${because(error)}`,
    advice: error?.advice ?? `Check the location ${locationName}`,
    plan,
    location,
  });
}

function pruneFailed({
  plan,
  location,
  locationName,
  pruneError,
}: PlanCopyFacts): readonly Alert[] {
  if (pruneError === undefined) return [];
  const alert = newAlert({
    kind: "prune-failed",
    severity: "warning",
    message: `Old backups at ${locationName} could not be removed${because(pruneError)}`,
    advice: pruneError.advice ?? `Check that Safehouse may delete files at ${locationName}`,
    plan,
    location,
  });
  return [alert];
}

function partsUncovered({
  parts,
  database,
}: NonNullable<AlertFacts["uncovered"]>): readonly Alert[] {
  const about = [...parts, ...(database ? ["the recorder's database"] : [])].toSorted();
  if (about.length === 0) return [];
  const alert = newAlert({
    kind: "uncovered",
    severity: "warning",
    message: `No plan backs up ${listed(about)}`,
    advice: "Add it to a plan, or a plan that includes everything",
    about,
  });
  return [alert];
}

function keyUnproven(key: AlertFacts["key"], now: number): readonly Alert[] | undefined {
  if (key === undefined) return undefined;
  if (key === null || key.isProven || now - key.madeAt < graceForKit) return [];
  const alert = newAlert({
    kind: "key-unproven",
    severity: "warning",
    message: `Nobody has shown that the emergency kit of key ${key.id} "${key.name}" is at hand; without it no backup can be opened if this machine is lost`,
    advice: `Print the kit with: safehouse keys kit ${key.id}; then show it with: safehouse keys prove ${key.id}`,
    about: [key.id],
  });
  return [{ ...alert, id: `key-unproven:${key.id}` }];
}

function pruneStopped({
  location,
  locationName,
  going,
  touchable,
}: NonNullable<AlertFacts["stoppedPrunes"]>[number]): Alert {
  return newAlert({
    kind: "prune-stopped",
    severity: "warning",
    message: `The rule at ${locationName} would remove ${going} of ${touchable} backups at once, and waits until somebody agrees`,
    advice: "Look at what would go, then agree or change the rule",
    location,
  });
}

function copyDamaged({
  location,
  locationName,
  slugs,
}: NonNullable<AlertFacts["damaged"]>[number]): Alert {
  const about = [...new Set(slugs)].toSorted();
  const [what, verb] = about.length === 1 ? ["Backup", "is"] : ["Backups", "are"];
  return newAlert({
    kind: "copy-damaged",
    severity: "error",
    message: `${what} ${listed(about)} at ${locationName} ${verb} damaged`,
    advice: `Check the disk at ${locationName}, and copy the backup there again from another location`,
    location,
    about,
  });
}

function arrivalFailed({ location, locationName, failed }: FailedArrivals): readonly Alert[] {
  const [first] = failed;
  if (first === undefined) return [];
  const about = [...new Set(failed.map(({ file }) => file))].toSorted();
  const more = about.length === 1 ? "" : ` (${listed(about)})`;
  const what = about.length === 1 ? "A backup" : `${about.length} backups`;
  const alert = newAlert({
    kind: "arrival-failed",
    severity: "error",
    message: `${what} that came to ${locationName} cannot be used as it came${more}: ${first.file}: ${first.message}`,
    advice: "See what there is: safehouse inbox list",
    location,
    about,
  });
  return [alert];
}

function stateUnreadable({
  what,
  message,
  advice,
}: NonNullable<AlertFacts["unreadable"]>[number]): Alert {
  const alert = newAlert({
    kind: "state-unreadable",
    severity: "error",
    message: `The ${what} cannot be read: ${message}`,
    advice: advice ?? "Put the file back from a copy of the data directory",
    about: [what],
  });
  return { ...alert, id: `state-unreadable:${encodeURIComponent(what.toWellFormed())}` };
}

function because(error: StepError | undefined): string {
  return error === undefined ? "" : `: ${error.message}`;
}

const longestList = 10;

/** Names for people; of many only the first. */
function listed(names: readonly string[]): string {
  const more = names.length - longestList;
  return names.slice(0, longestList).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
