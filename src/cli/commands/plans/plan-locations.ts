import { SafehouseError } from "#core/model/problem.ts";
import { numberIn } from "./number-in.ts";
import { atMostOne } from "./at-most-one.ts";
import { fieldsOf, stated } from "./document-fields.ts";
import type { PlanFlags } from "./plan-options.ts";

/**
 * The locations of a plan's document with what flags say of them. What is to be kept is said of the
 * locations that are named, else of all.
 * @param zone time zone for rules; undefined where a schedule has one
 */
export function changedLocations(before: unknown, flags: PlanFlags, zone: unknown): unknown {
  const { location: named = [], removeLocation: removed = [] } = flags;
  // What is no list is refused by whoever reads the document.
  if (before !== undefined && before !== null && !Array.isArray(before)) return before;
  const listed = (before ?? []) as readonly unknown[];
  const ids = listed.map((item) => fieldsOf(item)["location"]);
  const unknown = removed.find((id) => !ids.includes(id));
  if (unknown !== undefined)
    throw new SafehouseError("not-found", `The plan has no location ${unknown}`, {
      subject: unknown,
    });
  const isNew = (id: string): boolean => !ids.includes(id);
  const added = [...new Set(named)].filter(isNew).map((location) => ({ location }));
  const all = [...listed, ...added].filter(
    (item) => !removed.some((id) => id === fieldsOf(item)["location"]),
  );
  const kept = keptOf(flags);
  if (all.length === 0 && kept !== undefined) throw nothingNamed();
  // A plan of which nothing is said of locations stays without the field.
  if (all.length === 0 && listed.length === 0) return before;
  const isMeant = (item: unknown): boolean =>
    named.length === 0 || named.some((id) => id === fieldsOf(item)["location"]);
  return all
    .map((item) => (kept !== undefined && isMeant(item) ? withRule(item, kept) : item))
    .map((item) => withZone(item, zone));
}

function nothingNamed(): SafehouseError {
  const message = "What is to be kept is said of locations, and none is named";
  return new SafehouseError("usage", message, { advice: "Name one with --location" });
}

/** Undefined if the flags do not say what to keep; "all" for everything. */
function keptOf(flags: PlanFlags): Readonly<Record<string, unknown>> | "all" | undefined {
  const generations = stated({
    hourly: numberIn(flags.keepHourly),
    daily: numberIn(flags.keepDaily),
    weekly: numberIn(flags.keepWeekly),
    monthly: numberIn(flags.keepMonthly),
    yearly: numberIn(flags.keepYearly),
  });
  const kept = stated({
    copies: numberIn(flags.keepCopies),
    days: numberIn(flags.keepDays),
    generations: Object.keys(generations).length === 0 ? undefined : generations,
  });
  const isAny = Object.keys(kept).length > 0;
  atMostOne({ "--keep-all": flags.keepAll, "other options --keep-…": isAny || undefined });
  if (flags.keepAll === true) return "all";
  return isAny ? kept : undefined;
}

/** What a rule kept until now is replaced; its zone and its anchor days stay. */
function withRule(item: unknown, kept: Readonly<Record<string, unknown>> | "all"): unknown {
  const fields = fieldsOf(item);
  if (kept === "all") return stated({ ...fields, retention: undefined });
  const cleared = { copies: undefined, days: undefined, generations: undefined };
  return {
    ...fields,
    retention: stated({ ...fieldsOf(fields["retention"]), ...cleared, ...kept }),
  };
}

function withZone(item: unknown, zone: unknown): unknown {
  const { retention, ...fields } = fieldsOf(item);
  if (zone === undefined || retention === undefined || retention === null) return item;
  return { ...fields, retention: { zone, ...fieldsOf(retention) } };
}
