import type { CopyFacts } from "../model/copy.ts";
import type { Plan } from "../model/plan.ts";

/** A backup that a plan wants at a location, and that has not come there. */
export interface OwedCopy {
  /** Id of the plan. */
  readonly plan: string;
  readonly slug: string;
  /** Ids of the locations that have a good copy, likeliest first. */
  readonly from: readonly string[];
  /** Id of the location. */
  readonly to: string;
  /** It is there and only waits to go on from there; nothing has to be sent. */
  readonly waits?: true;
}

export type OwingPlan = Pick<Plan<unknown>, "id" | "enabled" | "locations">;

type Copies = ReadonlyMap<string, readonly CopyFacts[]>;

/**
 * What is still to be delivered: at each location of a plan the backups that are newer than the newest there; at one
 * that has none, the newest alone. The newest come first. Nothing is owed to a location of which nothing is known. What waits
 * at a location to go on from there is owed too.
 * @param copies by id of the location, as they were last seen
 */
export function owedCopies(plans: readonly OwingPlan[], copies: Copies): readonly OwedCopy[] {
  return plans.filter(({ enabled }) => enabled).flatMap((plan) => owedBy(plan, copies));
}

function owedBy({ id: plan, locations }: OwingPlan, copies: Copies): readonly OwedCopy[] {
  const ids = locations.map(({ location }) => location);
  const sources = sourcesOf(plan, ids, copies);
  return ids.flatMap((to) => {
    const there = copies.get(to);
    if (there === undefined) return [];
    const known = new Set(there.map(({ slug }) => slug));
    const own = there.filter((copy) => isOf(plan, copy) && copy.state === "present");
    const missing = sources.filter(({ slug }) => !known.has(slug));
    const newest = Math.max(...own.map(({ date }) => date ?? -Infinity));
    const owed =
      own.length === 0 ? missing.slice(0, 1) : missing.filter(({ date }) => date > newest);
    const waiting = own.filter((copy) => copy.waits === true && isGood(copy));
    return [
      ...owed.map(({ slug, from }) => ({ plan, slug, from, to })),
      ...waiting
        .toSorted((a, b) => (b.date ?? 0) - (a.date ?? 0))
        .map(({ slug }) => ({ plan, slug, from: [to], to, waits: true as const })),
    ];
  });
}

interface Source {
  readonly slug: string;
  readonly date: number;
  readonly from: readonly string[];
}

/** Backups of a plan that can be copied from somewhere, newest first. */
function sourcesOf(plan: string, ids: readonly string[], copies: Copies): readonly Source[] {
  const good = ids.flatMap((location) =>
    (copies.get(location) ?? []).flatMap((copy) =>
      isOf(plan, copy) && isGood(copy) && copy.date !== undefined
        ? [
            {
              location,
              slug: copy.slug,
              date: copy.date,
              isRead: copy.verification !== "unverified",
            },
          ]
        : [],
    ),
  );
  const bySlug = Map.groupBy(good, ({ slug }) => slug);
  return Array.from(bySlug, ([slug, [first, ...others]]) => {
    const found = first === undefined ? [] : [first, ...others];
    const read = found.toSorted((a, b) => Number(b.isRead) - Number(a.isRead));
    return { slug, date: first?.date ?? 0, from: read.map(({ location }) => location) };
  }).toSorted((a, b) => b.date - a.date);
}

function isOf(plan: string, copy: CopyFacts): boolean {
  return copy.owner === "this" && copy.plan === plan;
}

function isGood({ state, verification }: CopyFacts): boolean {
  return state === "present" && verification !== "failed";
}
