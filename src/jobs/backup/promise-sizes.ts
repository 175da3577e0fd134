import type { SinkTarget } from "#archive/write/archive-sink.ts";
import { promisedTarSize } from "#core/plan/promised-tar-size.ts";
import type { BackupRun, MakingTools } from "./make-backup.ts";

/**
 * Sizes that the tars of a backup are made to have, by part, where a place wants to know them beforehand and this machine
 * has no room to keep one inner archive until its size is known; the backup is then not compressed. Undefined where no
 * size has to be promised.
 */
export async function promiseSizes(
  { measured }: BackupRun,
  targets: readonly SinkTarget[],
  { spoolSpace }: Pick<MakingTools, "spoolSpace">,
): Promise<ReadonlyMap<string, number> | undefined> {
  const spooled = targets.filter(({ target }) => target.patch === "none").length;
  if (spooled === 0) return undefined;
  const largest = Math.max(0, ...measured.map(({ bytes }) => bytes));
  const free = await spoolSpace();
  if (free === undefined || free > spooled * largest + reserve) return undefined;
  return new Map(measured.map((part) => [part.part, promisedTarSize(part)]));
}

/** What the rest of the machine is left. */
const reserve = 64 * 1024 * 1024;
