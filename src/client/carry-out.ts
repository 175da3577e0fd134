import { type GenericSchema, type InferInput, type InferOutput, type ObjectEntries } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import type { InputSchema, RunOperation } from "#operations/operation.ts";
import { cancelRunOperation } from "#operations/runs/cancel-run.ts";
import { runInfoOperation } from "#operations/runs/run-info.ts";
import { runResultOperation } from "#operations/runs/run-result.ts";
import type { ApiClient } from "./api-client.ts";
import { followRun, type FollowOptions } from "./follow-run.ts";
import { readProblem } from "./read-problem.ts";

/** A run that was asked to end does so in ten seconds. */
const cancelInMs = 30_000;

/**
 * Has a run carried out by a server: begins it, follows it, and returns what it came to. When the signal fires
 * the run is cancelled, and that is waited for. Rejects with what the run failed with, and as `ApiClient.call`.
 */
export async function carryOut<Entries extends ObjectEntries, Result extends GenericSchema>(
  client: ApiClient,
  { operation, input }: RunWanted<Entries, Result>,
  options: FollowOptions,
): Promise<InferOutput<Result>> {
  const { signal } = options;
  signal.throwIfAborted();
  // Broken off here, it would begin without anybody knowing its id.
  const { run } = await client.call(operation, input, new AbortController().signal);
  try {
    await followRun(run, client, options);
  } catch (error) {
    if (signal.aborted) await cancel(run, client);
    throw error;
  }
  const { result } = await resultOf(run, client, signal);
  return client.understand(operation.result, result, signal);
}

/** What to have carried out. */
export interface RunWanted<Entries extends ObjectEntries, Result extends GenericSchema> {
  readonly operation: RunOperation<Entries, Result>;
  readonly input: InferInput<InputSchema<Entries>>;
}

async function cancel(run: string, client: ApiClient): Promise<void> {
  try {
    await client.call(cancelRunOperation, { run }, AbortSignal.timeout(cancelInMs));
  } catch (error) {
    // It was faster.
    if (!(error instanceof SafehouseError) || error.problem !== "usage") throw error;
  }
}

/** A server that was started anew no longer knows the result, but the journal knows the failure. */
async function resultOf(
  run: string,
  client: ApiClient,
  signal: AbortSignal,
): Promise<{ readonly result?: unknown }> {
  try {
    return await client.call(runResultOperation, { run }, signal);
  } catch (error) {
    if (!isForgotten(error, run)) throw error;
    const { steps } = await client.call(runInfoOperation, { run }, signal);
    const failed = steps.find((step) => step.error !== undefined)?.error;
    if (failed === undefined) throw error;
    const { message, advice } = failed;
    // The journal's word for what ended with its process.
    const problem = failed.problem === "interrupted" ? "unreachable" : failed.problem;
    throw readProblem({ problem, detail: message, advice }) ?? error;
  }
}

/** What the run itself did not find is about something else. */
function isForgotten(error: unknown, run: string): boolean {
  return error instanceof SafehouseError && error.problem === "not-found" && error.subject === run;
}
