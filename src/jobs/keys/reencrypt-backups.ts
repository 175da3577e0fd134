import { SafehouseError, type Problem } from "#core/model/problem.ts";
import type { OpenKey } from "#keys/open-ring.ts";
import { listBackups } from "../backup/list-backups.ts";
import { reencryptBackup, type Reencrypted, type ReencryptTools } from "./reencrypt-backup.ts";

/** A backup that stays as it is, and why. */
export interface NotReencrypted {
  readonly file: string;
  readonly error: { readonly problem: Problem; readonly message: string };
}

/**
 * Encrypts every backup at a location with another key. One that cannot be opened or proven does not keep the
 * others from being done; rejects with what would meet every other one too.
 */
export async function reencryptBackups(
  to: OpenKey,
  tools: ReencryptTools,
): Promise<readonly (Reencrypted | NotReencrypted)[]> {
  const { backups } = await listBackups(tools.location, tools.signal);
  const done: (Reencrypted | NotReencrypted)[] = [];
  for (const { file } of backups) {
    const outcome = await reencryptBackup(file, to, tools).catch((error: unknown) =>
      failed(error, file),
    );
    done.push(outcome);
  }
  return done;
}

function failed(error: unknown, file: string): NotReencrypted {
  if (!(error instanceof SafehouseError) || ends.has(error.problem)) throw error;
  const { problem, message } = error;
  return { file, error: { problem, message } };
}

const ends: ReadonlySet<Problem> = new Set<Problem>(["cancelled", "no-space", "denied", "busy"]);
