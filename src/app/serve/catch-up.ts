import type { KnownHome } from "#core/alerts/gather-facts.ts";
import { mayDeliver } from "#core/delivery/may-deliver.ts";
import { owedCopies, type OwedCopy } from "#core/delivery/owed-copies.ts";
import { isOpen } from "#core/location/is-open.ts";
import type { Run } from "#core/model/run.ts";
import type { Clock, Log } from "#core/ports.ts";
import { stepErrorOf } from "#jobs/runs/step-error.ts";
import type { LocalHome } from "../local-home.ts";
import type { Workers } from "./workers.ts";

export interface CatchUpTools {
  readonly home: LocalHome;
  readonly workers: Workers;
  readonly clock: Clock;
  readonly log: Log;
}

/** So many deliveries go on at once, over all locations. */
const mostAtOnce = 2;

/**
 * Begins to deliver what locations have missed while they were away, one backup at a time to each, newest first. What is
 * owed is found out anew each time from what lies where, so nothing of it is lost with a process.
 */
export async function catchUp(known: KnownHome, tools: CatchUpTools): Promise<void> {
  const { plans, copies, runs } = known;
  const { home, clock } = tools;
  if (plans === undefined || copies === undefined || runs === undefined) return;
  const owed = owedCopies(
    plans.map(({ plan }) => plan),
    copies,
  );
  const records = await home.locations().list();
  const now = clock.now();
  const open = new Set(records.filter((record) => isOpen(record, now)).map(({ id }) => id));
  const served = new Set<string>();
  let free = mostAtOnce - runs.filter(isDelivering).length;
  for (const copy of owed) {
    if (free <= 0) return;
    if (served.has(copy.to) || !open.has(copy.to) || !mayDeliver(copy, runs, now)) continue;
    served.add(copy.to);
    if (await begin(copy, tools)) free -= 1;
  }
}

function isDelivering({ ended, steps }: Run): boolean {
  return (
    ended === undefined &&
    steps.some(({ kind, state }) => kind === "deliver" && state === "running")
  );
}

async function begin(copy: OwedCopy, { home, workers, log }: CatchUpTools): Promise<boolean> {
  const { plan, slug, to } = copy;
  try {
    // A place that is away costs a look, and no run.
    const { problem } = await home.looks.look(home.locations(), to);
    if (problem !== undefined) return false;
    const run = await workers.begin("deliverOwed", { ...copy, from: [...copy.from] });
    log.info("A location gets what it has missed", { plan, slug, location: to, run });
    return true;
  } catch (error) {
    log.warn("A location could not get what it has missed", {
      plan,
      slug,
      location: to,
      error: stepErrorOf(error).message,
    });
    return false;
  }
}
