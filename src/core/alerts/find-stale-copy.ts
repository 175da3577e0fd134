import type { PlanCopyFacts } from "./alert-facts.ts";
import type { Alert } from "./alert.ts";
import { newAlert } from "./new-alert.ts";

const hour = 60 * 60_000;
const day = 24 * hour;
/** By so much a clock may be set back and a date still counts. */
const clockTolerance = day;

/**
 * The alert for a location whose last good copy is older than it may be. Time counts from the last good copy,
 * else from when the plan got the location: that no run ever happened does not keep it quiet. A date that lies
 * more than a day in the future was written by a wrong clock and tells nothing.
 */
export function findStaleCopy(copy: PlanCopyFacts, now: number): Alert | undefined {
  const { plan, location, longestAgeInMs, lastGood, since } = copy;
  if (longestAgeInMs === undefined) return undefined;
  const from = [lastGood, since].find((time) => isCredible(time, now));
  if (from !== undefined && now - from <= longestAgeInMs) return undefined;
  return newAlert({
    kind: "copy-stale",
    severity: "error",
    message: sentence(copy, now),
    advice: `Look why no backup is made or none arrives: safehouse runs list`,
    plan,
    location,
  });
}

function sentence(copy: PlanCopyFacts, now: number): string {
  const { planName, locationName, lastGood, since, longestAgeInMs = 0 } = copy;
  const what = `good backup of plan ${planName} at ${locationName}`;
  if (lastGood === undefined) {
    const wait = isCredible(since, now) ? `, ${inWords(now - since)} after it was set up` : "";
    return `There is no ${what} yet${wait}`;
  }
  if (!isCredible(lastGood, now))
    return `The last ${what} is dated in the future: a clock was wrong`;
  return `The last ${what} is ${inWords(now - lastGood)} old; at most ${inWords(longestAgeInMs)} are wanted`;
}

function isCredible(time: number | undefined, now: number): time is number {
  return time !== undefined && time <= now + clockTolerance;
}

/** Whole days from two days on, else whole hours. */
function inWords(milliseconds: number): string {
  if (milliseconds >= 2 * day) return `${Math.floor(milliseconds / day)} days`;
  const hours = Math.floor(milliseconds / hour);
  return hours === 1 ? "1 hour" : `${Math.max(0, hours)} hours`;
}
