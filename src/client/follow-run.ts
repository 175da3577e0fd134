import { setTimeout as pause } from "node:timers/promises";
import { safeParse } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import type { Progress, ReportProgress } from "#core/ports.ts";
import { runInfoOperation } from "#operations/runs/run-info.ts";
import { runSchema, type RunDocument } from "#operations/runs/run-schema.ts";
import type { ApiClient } from "./api-client.ts";
import { jsonOf } from "./refusal.ts";

/** A run may end in the moment in which the line is taken up, and is asked for by itself too. */
const askEveryMs = 2000;
/** So long may a server be away, as it is when it is started anew. */
const awayInMs = 60_000;
const takeUpAfterMs = 1000;

export interface FollowOptions {
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Follows a run of a server and returns it as it ended. A line that breaks is taken up again, and a server that
 * is started anew is waited for. Rejects as `ApiClient.call`; the run itself goes on all the same.
 */
export async function followRun(
  id: string,
  client: ApiClient,
  { report, signal }: FollowOptions,
): Promise<RunDocument> {
  const stop = new AbortController();
  const either = AbortSignal.any([stop.signal, signal]);
  try {
    return await Promise.race([
      untilToldOfItsEnd(id, client, { report, signal: either }),
      untilItHasEnded(id, client, either),
    ]);
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    stop.abort();
  }
}

/** Listens to the server's events. */
async function untilToldOfItsEnd(
  id: string,
  client: ApiClient,
  { report, signal }: FollowOptions,
): Promise<RunDocument> {
  for (;;) {
    try {
      for await (const { event, data } of client.events(signal)) {
        const run = safeParse(runSchema, jsonOf(data));
        if (event !== "run" || !run.success || run.output.id !== id) continue;
        if (run.output.ended !== undefined) return run.output;
        progressOf(run.output).forEach(report);
      }
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    await pause(takeUpAfterMs, undefined, { signal });
  }
}

/** Asks now and then, which also tells for how long the server has been away. */
async function untilItHasEnded(
  id: string,
  client: ApiClient,
  signal: AbortSignal,
): Promise<RunDocument> {
  let heard = Date.now();
  for (;;) {
    try {
      const run = await client.call(runInfoOperation, { run: id }, signal);
      if (run.ended !== undefined) return run;
      heard = Date.now();
    } catch (error) {
      if (!isAway(error)) throw error;
      if (Date.now() - heard > awayInMs) throw goesOn(error, id);
    }
    await pause(askEveryMs, undefined, { signal });
  }
}

function isAway(error: unknown): error is SafehouseError {
  return error instanceof SafehouseError && error.problem === "unreachable";
}

function goesOn(error: SafehouseError, id: string): SafehouseError {
  const { message, subject } = error;
  return new SafehouseError("unreachable", `${message}, and the run ${id} may go on there`, {
    ...(subject === undefined ? {} : { subject }),
    advice: `Look at it when the server is back: safehouse runs info ${id.slice(0, 8)}`,
    cause: error,
  });
}

function progressOf({ steps }: RunDocument): readonly Progress[] {
  return steps.flatMap(({ state, progress }) => {
    if (state !== "running" || progress === undefined) return [];
    const { step, part, bytes, totalBytes } = progress;
    const optional = part === undefined ? {} : { part };
    return [{ step, bytes, ...optional, ...(totalBytes === undefined ? {} : { totalBytes }) }];
  });
}
