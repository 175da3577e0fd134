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
    if (copy.waits === true && !(await hasGoneOn(copy, tools))) continue;
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

/**
 * True if a copy that waits at its location has come on from there: then a run notes that, and goes on with it. To ask
 * costs no run, so it is done at each look.
 */
async function hasGoneOn({ slug, to }: OwedCopy, { home, log }: CatchUpTools): Promise<boolean> {
  const { signal } = new AbortController();
  try {
    const location = await home.locations().look(to);
    return (await location.settlement(await location.find(slug, signal), signal)).settled;
  } catch (error) {
    // Why it does not go on was told by the run that brought it there.
    log.debug("A copy does not go on", { slug, location: to, error: stepErrorOf(error).message });
    return false;
  }
}

async function begin(copy: OwedCopy, { home, workers, log }: CatchUpTools): Promise<boolean> {
  const { plan, slug, from, to } = copy;
  try {
    // A place that is away costs a look, and no run.
    const { problem } = await home.looks.look(home.locations(), to);
    if (problem !== undefined) return false;
    const run = await workers.begin("deliverOwed", { plan, slug, from: [...from], to });
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
