import { SafehouseError } from "../model/problem.ts";
import type { Run, RunOwner, RunTrigger, Step, StepKind } from "../model/run.ts";

/** What a run is to do. */
export interface RunRequest {
  readonly home: string;
  readonly id: string;
  readonly trigger: RunTrigger;
  readonly owner: RunOwner;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Id of the location at which the archive is made. */
  readonly makeAt: string;
  /** Ids of further locations that get a copy. */
  readonly deliverTo: readonly string[];
  /** What becomes of each copy. Nothing is pruned that was not verified before. */
  readonly afterwards: "nothing" | "verify" | "verify and prune";
}

/** A run with its steps, none of them begun. Throws `usage` if a location is named twice. */
export function newRun(request: RunRequest): Run {
  const { home, id, trigger, owner, created, makeAt, deliverTo } = request;
  const places = [makeAt, ...deliverTo];
  const twice = places.find((place, at) => places.indexOf(place) !== at);
  if (twice !== undefined)
    throw new SafehouseError("usage", `The location ${twice} is named twice`, { subject: twice });
  const after = stepsAfterArrival[request.afterwards];
  const steps = [
    ...["make" as const, ...after].map((kind) => queued(kind, makeAt)),
    ...deliverTo.flatMap((place) =>
      ["deliver" as const, ...after].map((kind) => queued(kind, place)),
    ),
  ];
  return {
    home,
    id,
    trigger,
    created,
    ended: undefined,
    owner,
    beat: created,
    cancelAsked: undefined,
    backup: undefined,
    steps,
  };
}

const stepsAfterArrival: Readonly<Record<RunRequest["afterwards"], readonly StepKind[]>> = {
  nothing: [],
  verify: ["verify"],
  "verify and prune": ["verify", "prune"],
};

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
