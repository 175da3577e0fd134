import { SafehouseError } from "../model/problem.ts";
import { generationNames } from "./retention-rule.ts";
import type { GenerationName, RetentionAnchors, RetentionRule } from "./retention-rule.ts";

/**
 * Checks a retention rule that comes from settings or a request.
 *
 *     { zone: "Europe/Berlin", days: 14, generations: { weekly: 8, monthly: 12 }, anchors: { weekly: 3 } }
 *
 * Only `zone` is needed. `longestPauseInHours` is 25 unless stated: a plan that runs every day, and the
 * hour by which daylight saving can delay it. An anchor that is not stated is the last day of its period,
 * so that the latest backup stands for it. A field that is not known is refused rather than passed over: a
 * misspelt condition would not protect what it was meant to.
 *
 * @throws SafehouseError `usage`, naming the field; also for 0, which other software reads both as
 * "none" and as "forever"
 */
export function parseRetentionRule(value: unknown): RetentionRule {
  const rule = readFields(value, "", [
    "copies",
    "days",
    "longestPauseInHours",
    "generations",
    "anchors",
    "zone",
  ]);
  return {
    copies: readLimit(rule["copies"], "copies"),
    days: readLimit(rule["days"], "days"),
    longestPauseInHours: readPause(rule["longestPauseInHours"]),
    generations: readGenerations(rule["generations"]),
    anchors: readAnchors(rule["anchors"]),
    zone: readZone(rule["zone"]),
  };
}

/** The last day of each period. */
const lastDays: RetentionAnchors = { weekly: 7, monthly: 31, yearly: 366 };

function readGenerations(value: unknown): RetentionRule["generations"] {
  if (value === undefined) return {};
  const fields = readFields(value, "generations", generationNames);
  const counts = generationNames.flatMap((name): [GenerationName, number][] => {
    const count = readLimit(fields[name], `generations.${name}`);
    return count === undefined ? [] : [[name, count]];
  });
  return Object.fromEntries(counts);
}

function readAnchors(value: unknown): RetentionAnchors {
  if (value === undefined) return lastDays;
  const fields = readFields(value, "anchors", ["weekly", "monthly", "yearly"]);
  const read = (name: keyof RetentionAnchors): number => {
    const day = fields[name];
    if (day === undefined) return lastDays[name];
    if (isCount(day) && day <= lastDays[name]) return day;
    return refuse({ field: `anchors.${name}` }, day, `a day from 1 to ${lastDays[name]}`);
  };
  return { weekly: read("weekly"), monthly: read("monthly"), yearly: read("yearly") };
}

/** An offset such as +01:00 is refused: it would be wrong for half of the year. */
function readZone(value: unknown): string {
  const needed = "a time zone such as Europe/Berlin";
  if (typeof value !== "string" || !/^[A-Za-z]/u.test(value))
    return refuse({ field: "zone" }, value, needed);
  try {
    return new Temporal.ZonedDateTime(0n, value).timeZoneId;
  } catch (error) {
    if (error instanceof RangeError) return refuse({ field: "zone" }, value, needed);
    throw error;
  }
}

function readLimit(value: unknown, field: string): number | undefined {
  if (value === undefined || isCount(value)) return value;
  const advice = `To set no limit there, leave ${field} out; with no limits every backup is kept`;
  return refuse({ field, advice }, value, "a whole number from 1 on");
}

function readPause(value: unknown): number {
  if (value === undefined) return 25;
  if (isCount(value)) return value;
  return refuse({ field: "longestPauseInHours" }, value, "a whole number from 1 on");
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 1;
}

function readFields(
  value: unknown,
  field: string,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse({ field }, value, `an object with ${known.join(", ")}`);
  const strange = Object.keys(value).find((key) => !known.includes(key));
  if (strange === undefined) return { ...value };
  throw new SafehouseError("usage", `A retention rule has no field ${pathOf(field, strange)}`, {
    subject: pathOf(field, strange),
    advice: `It can have ${known.map((key) => pathOf(field, key)).join(", ")}`,
  });
}

function pathOf(field: string, key: string): string {
  return field === "" ? shorten(key) : `${field}.${shorten(key)}`;
}

function refuse(
  { field, advice }: { readonly field: string; readonly advice?: string },
  value: unknown,
  needed: string,
): never {
  const where = field === "" ? "The retention rule" : `The field ${field} of the retention rule`;
  throw new SafehouseError("usage", `${where} needs ${needed}, and has ${show(value)}`, {
    ...(field === "" ? {} : { subject: field }),
    ...(advice === undefined ? {} : { advice }),
  });
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return `"${shorten(value)}"`;
  if (typeof value === "number" || typeof value === "boolean" || value === null)
    return String(value);
  return Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
