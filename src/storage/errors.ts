import { SafehouseError } from "#core/model/problem.ts";
import type { Problem, ProblemDetails } from "#core/model/problem.ts";

/** Why a place could not do it. A closed list; providers translate into it in one function each. */
export type StorageProblem =
  | "not-found"
  | "already-exists"
  /** The place knows us and says no. */
  | "denied"
  /** The place wants us to sign in again. */
  | "sign-in"
  /** No room, or less than the reserve. Facts: `neededBytes`, `freeBytes`. */
  | "full"
  | "busy"
  /** Not there at the moment: no network, not mounted, not answering. */
  | "unreachable"
  /** More than the place takes in one object. */
  | "too-large"
  /** The bytes are not those that were meant. */
  | "damaged"
  | "read-only"
  | "unsupported";

export interface StorageErrorDetails {
  /** Key of the object concerned. */
  readonly key?: string;
  readonly cause?: unknown;
  /** Facts for `--json`. No secrets. */
  readonly facts?: NonNullable<ProblemDetails["facts"]>;
}

/** A failure of a place. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly problem: StorageProblem;
  readonly key: string | undefined;
  readonly facts: ProblemDetails["facts"];

  /** @param message a sentence: what failed, where and why; no full stop, no secret */
  constructor(problem: StorageProblem, message: string, details: StorageErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.problem = problem;
    this.key = details.key;
    this.facts = details.facts;
  }

  /** True if the same call may succeed later without anybody doing anything. */
  get worthRetrying(): boolean {
    return this.problem === "busy" || this.problem === "unreachable";
  }
}

/**
 * For the edges: what a person is told about a failure of a place. Cancelling becomes `cancelled`;
 * errors of any other kind come back as they are.
 * @param place name of the location, for the text
 */
export function asSafehouseError(error: unknown, place?: string): unknown {
  if (error instanceof StorageError) return translated(error, place);
  if (error instanceof Error && error.name === "AbortError") {
    return new SafehouseError("cancelled", "Cancelled", { cause: error });
  }
  return error;
}

function translated(error: StorageError, place: string | undefined): SafehouseError {
  const message = place === undefined ? error.message : `${place}: ${error.message}`;
  const advice = adviceFor[error.problem];
  const subject = error.key ?? place;
  return new SafehouseError(problemFor[error.problem], message, {
    cause: error,
    ...(subject === undefined ? {} : { subject }),
    ...(advice === undefined ? {} : { advice }),
    ...(error.facts === undefined ? {} : { facts: error.facts }),
  });
}

const problemFor: Readonly<Record<StorageProblem, Problem>> = {
  "not-found": "not-found",
  "already-exists": "already-exists",
  denied: "denied",
  "sign-in": "denied",
  full: "no-space",
  busy: "busy",
  unreachable: "unreachable",
  "too-large": "unsupported",
  damaged: "damaged",
  "read-only": "read-only",
  unsupported: "unsupported",
};

const adviceFor: Readonly<Partial<Record<StorageProblem, string>>> = {
  "already-exists": "Choose another name, or say that the existing one is to be replaced",
  denied: "Check who owns the place and what Safehouse may do there",
  "sign-in": "Sign in to the place again",
  full: "Free some space there or choose another location",
  unreachable: "Check that the place is switched on, mounted and connected",
  "read-only": "Choose a location that can be written to",
};
