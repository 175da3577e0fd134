import { SafehouseError } from "../model/problem.ts";
import type { Run, RunBackup, RunOwner, RunTrigger, Step, StepKind } from "../model/run.ts";

/** What a run is to do. */
export interface RunRequest {
  readonly home: string;
  readonly id: string;
  readonly trigger: RunTrigger;
  readonly owner: RunOwner;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Id of the location at which the archive is made; undefined if nothing is made. */
  readonly makeAt: string | undefined;
  /** What is delivered by a run that makes nothing. */
  readonly backup?: RunBackup | undefined;
  /** Ids of further locations that get a copy. */
  readonly deliverTo: readonly string[];
  /** Each copy is read back where it lies. */
  readonly verify: boolean;
  /** Ids of locations that are pruned, each when all else is done there. */
  readonly pruneAt: readonly string[];
}

/** A run with its steps, none of them begun. Throws `usage` if a location is named twice, or none is. */
export function newRun(request: RunRequest): Run {
  const { home, id, trigger, owner, created, backup } = request;
  const steps = stepsOf(request);
  if (steps.length === 0) throw new SafehouseError("usage", "No location is named");
  return {
    home,
    id,
    trigger,
    created,
    ended: undefined,
    owner,
    beat: created,
    cancelAsked: undefined,
    backup,
    steps,
  };
}

function stepsOf({ makeAt, deliverTo, verify, pruneAt }: RunRequest): Step[] {
  const arrivals = [...(makeAt === undefined ? [] : [makeAt]), ...deliverTo];
  for (const places of [arrivals, pruneAt]) {
    const twice = places.find((place, at) => places.indexOf(place) !== at);
    if (twice !== undefined)
      throw new SafehouseError("usage", `The location ${twice} is named twice`, { subject: twice });
  }
  const stepsAt = (place: string, first: readonly StepKind[]): Step[] =>
    [...first, ...(pruneAt.includes(place) ? ["prune" as const] : [])].map((kind) =>
      queued(kind, place),
    );
  const after = verify ? (["verify"] as const) : [];
  return [
    ...arrivals.flatMap((place) =>
      stepsAt(place, [place === makeAt ? "make" : "deliver", ...after]),
    ),
    ...pruneAt.filter((place) => !arrivals.includes(place)).flatMap((place) => stepsAt(place, [])),
  ];
}

function queued(kind: StepKind, location: string): Step {
  return {
    kind,
    location,
    state: "queued",
    attempts: 0,
    started: undefined,
    ended: undefined,
    retryAt: undefined,
    progress: undefined,
    error: undefined,
    log: [],
  };
}
