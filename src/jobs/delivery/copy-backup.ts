import { enqueueRun } from "../runs/enqueue-run.ts";
import { backupAt } from "./backup-at.ts";
import { carryOutCopies, type CopyResult, type CopyTools } from "./carry-out-copies.ts";

export interface CopyRequest {
  /** Slug or file name. */
  readonly backup: string;
  /** Ids of the locations that may have it, likeliest first. */
  readonly from: readonly string[];
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
  const backup = await backupAt(request.backup, request.from, tools);
  const wish = { trigger: { kind: "manual" }, makeAt: undefined, backup } as const;
  const { from, to: deliverTo, verify } = request;
  const run = await enqueueRun(
    { ...wish, deliverTo, verify, pruneAt: [], queue: true },
    tools.runs,
  );
  tools.begun?.(run);
  return carryOutCopies(run, { backup, sources: [...from, ...deliverTo], rules: new Map() }, tools);
}
