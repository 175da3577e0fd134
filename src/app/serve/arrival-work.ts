import type { Arrival } from "#core/arrivals/arrival.ts";
import {
  hasFailed,
  tryAgain,
  wasChecked,
  wasDelivered,
  type DeliveredTo,
} from "#core/arrivals/arrival-outcome.ts";
import { parseInbox } from "#core/inbox/parse-inbox.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { StepError } from "#core/model/run.ts";
import type { Clock, Log } from "#core/ports.ts";
import type { CopyResult } from "#jobs/delivery/carry-out-copies.ts";
import type { VerifyReport } from "#jobs/archive/verify-file.ts";
import { knownNotes } from "#jobs/backup/verification-notes.ts";
import { arrivalKey, arrivalNote, parseArrival } from "#jobs/notes/arrival.ts";
import { changeNotes } from "#jobs/notes/change-notes.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { StateRunJournal } from "#state/run-journal.ts";
import type { LocalHome } from "../local-home.ts";
import { onlyHome } from "../only-home.ts";
import type { Workers } from "./workers.ts";

export interface ArrivalTools {
  readonly home: LocalHome;
  readonly workers: Workers;
  readonly context: HomeContext;
  readonly clock: Clock;
  readonly log: Log;
  /** Id of the location at which it arrived: the default one. */
  readonly location: string;
}

/** Reads an arrival to its last byte, as far as a key of the ring opens it. Rejects with what may pass. */
export async function checkArrival(arrival: Arrival, tools: ArrivalTools): Promise<Arrival> {
  const { home, location, workers } = tools;
  const { file } = arrival;
  await refuseTwoAtOnce(file, tools);
  await noteWhereFrom(file, tools);
  const { deliverTo } = parseInbox((await home.stores.settings.read())["inbox"]);
  const existing = new Set((await home.locations().list()).map(({ id }) => id));
  const others = deliverTo.filter((id) => id !== location && existing.has(id));
  const run = await workers.begin("verifyBackup", { backup: file, level: "content" });
  const end = await workers.end(run);
  if (end?.kind === "failed") {
    const { error } = end;
    const isLocked =
      error instanceof SafehouseError &&
      (error.problem === "password-needed" || error.problem === "wrong-password");
    // Nobody here has its key. What can be seen without it was seen when it came.
    if (isLocked) return wasChecked(arrival, others);
    throw error;
  }
  const report = end?.result as VerifyReport | undefined;
  const problem = report === undefined ? undefined : problemIn(report);
  return problem === undefined ? wasChecked(arrival, others) : hasFailed(arrival, problem);
}

/** Copies an arrival to the locations that wait for it. Rejects with what may pass. */
export async function deliverArrival(arrival: Arrival, tools: ArrivalTools): Promise<Arrival> {
  const { context, workers, clock } = tools;
  const { file, waiting } = arrival;
  await refuseTwoAtOnce(file, tools);
  await using open = await context.services.openLocation(context.place);
  const { notes } = await open.location.find(file, context.signal);
  // What could not be read here, for want of its key, cannot be there either.
  const verify = knownNotes(notes).verification !== undefined;
  const input = { backup: file, locations: [...waiting], verify };
  const end = await workers.end(await workers.begin("copyBackup", input));
  if (end?.kind === "failed") {
    const { error } = end;
    if (!(error instanceof SafehouseError)) throw error;
    if (finalProblems.has(error.problem)) return hasFailed(arrival, error.message);
    return tryAgain(arrival, error.message, clock.now());
  }
  const result = end?.result as CopyResult | undefined;
  return wasDelivered(arrival, (result?.copies ?? []).map(outcomeOf), clock.now());
}

function outcomeOf({ location, state, error }: CopyResult["copies"][number]): DeliveredTo {
  return {
    location,
    arrived: state === "verified" || state === "unverified",
    message: error?.message,
    isFinal: error !== undefined && finalProblems.has(error.problem),
  };
}

/** These would come again. A person who cancels does not want it to begin anew. */
const finalProblems: ReadonlySet<StepError["problem"]> = new Set<StepError["problem"]>([
  "already-exists",
  "cancelled",
  "damaged",
  "truncated",
  "not-a-backup",
  "usage",
  "unsupported",
]);

/** A run about it may be going on, of a person or of a server that was cut short. */
async function refuseTwoAtOnce(file: string, { home }: ArrivalTools): Promise<void> {
  const runs = await new StateRunJournal(home.state).list(onlyHome);
  const busy = runs.find(({ ended, backup }) => ended === undefined && backup?.fileName === file);
  if (busy === undefined) return;
  throw new SafehouseError("busy", `Run ${busy.id} is at work on ${file}`, { subject: file });
}

async function noteWhereFrom(file: string, { context, clock }: ArrivalTools): Promise<void> {
  await using open = await context.services.openLocation(context.place);
  const { location } = open;
  const { facts, notes } = await location.find(file, context.signal);
  if (facts === undefined || parseArrival(notes) !== undefined) return;
  const at = new Date(clock.now()).toISOString();
  const change = { [arrivalKey]: arrivalNote({ by: "folder", sender: undefined, at }) };
  const isNew = notes === undefined;
  try {
    await changeNotes(location, facts.slug, { change, isNew, signal: context.signal });
  } catch (error) {
    // Of a slug that nobody writes nothing can be noted, and it is as good a backup as any.
    if (!(error instanceof SafehouseError && error.problem === "unsupported")) throw error;
  }
}

function problemIn({ verdict, parts }: VerifyReport): string | undefined {
  if (verdict !== "damaged" && verdict !== "missing") return undefined;
  const [problem] = parts.flatMap((part) =>
    part.problems.map(({ message }) => `${part.part}: ${message}`),
  );
  return problem ?? "It is damaged";
}
