import { inspect } from "node:util";
import type { RunEnd } from "#jobs/runs/run-desk.ts";
import { SafehouseError, type Problem } from "#core/model/problem.ts";

/** What the server asks a worker to do, once. It may hold a password, and goes by no command line. */
export interface WorkOrder {
  /** Id of an operation that starts a run. */
  readonly operation: string;
  readonly input: unknown;
  readonly dataDirectory: string;
}

/** A failure as it crosses from one process to another. */
export interface SentError {
  /** Undefined for a fault. */
  readonly problem: Problem | undefined;
  readonly message: string;
  readonly subject: string | undefined;
  readonly advice: string | undefined;
  readonly facts: SafehouseError["facts"];
}

/** What a worker tells: the answer of the operation, then what its run came to. */
export type WorkerMessage =
  | { readonly kind: "answer"; readonly answer: unknown }
  | { readonly kind: "refused"; readonly error: SentError }
  | { readonly kind: "done"; readonly run: string; readonly result: unknown }
  | { readonly kind: "failed"; readonly run: string; readonly error: SentError };

export function sentError(error: unknown): SentError {
  if (!(error instanceof SafehouseError))
    return {
      problem: undefined,
      message: inspect(error),
      subject: undefined,
      advice: undefined,
      facts: undefined,
    };
  const { problem, message, subject, advice, facts } = error;
  return { problem, message, subject, advice, facts };
}

export function receivedError({ problem, message, subject, advice, facts }: SentError): Error {
  if (problem === undefined) return new Error(`In a worker: ${message}`);
  return new SafehouseError(problem, message, {
    ...(subject === undefined ? {} : { subject }),
    ...(advice === undefined ? {} : { advice }),
    ...(facts === undefined ? {} : { facts }),
  });
}

/** The end of a run as a message. */
export function endMessage(run: string, end: RunEnd): WorkerMessage {
  if (end.kind === "done") return { kind: "done", run, result: end.result };
  return { kind: "failed", run, error: sentError(end.error) };
}
