import { SafehouseError } from "#core/model/problem.ts";
import type { RunBackup } from "#core/model/run.ts";
import { enqueueRun } from "../runs/enqueue-run.ts";
import { carryOutCopies, type CopyResult, type CopyTools } from "./carry-out-copies.ts";

export interface CopyRequest {
  /** Slug or file name. */
  readonly backup: string;
  /** Id of the location where it is. */
  readonly from: string;
  /** Ids of the locations that get a copy, each once. */
  readonly to: readonly string[];
  /** Read each copy back. */
  readonly verify: boolean;
}

/**
 * Copies a backup that is there to other locations, as a run that makes nothing: delivers, then verifies unless
 * that is not wanted. Resolves if a good copy came to one of them at least. Rejects with `not-found`, and else
 * as `deliverBackup` and `readBack` do.
 */
export async function copyBackup(request: CopyRequest, tools: CopyTools): Promise<CopyResult> {
  const backup = await backupAt(request, tools);
  const wish = { trigger: { kind: "manual" }, makeAt: undefined, backup } as const;
  const { from, to: deliverTo, verify } = request;
  const run = await enqueueRun(
    { ...wish, deliverTo, verify, pruneAt: [], queue: true },
    tools.runs,
  );
  tools.begun?.(run);
  return carryOutCopies(run, { backup, sources: [from, ...deliverTo], rules: new Map() }, tools);
}

async function backupAt(
  { backup, from }: CopyRequest,
  { openLocation, signal }: CopyTools,
): Promise<RunBackup> {
  const location = await openLocation(from, signal);
  const { facts, object, problems } = await location.find(backup, signal);
  if (facts !== undefined) return { slug: facts.slug, name: facts.name, fileName: object.key };
  const why = problems[0]?.message ?? "it cannot be read";
  throw new SafehouseError("damaged", `${object.key} at ${from} is damaged: ${why}`, {
    subject: object.key,
  });
}
