import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { ArchiveTools } from "../archive/archive-tools.ts";
import { ensureIndex } from "../archive/ensure-index.ts";
import type { AskPassword } from "../archive/open-archive-file.ts";
import { openBackup } from "./open-backup.ts";

export interface IndexBackupOptions {
  readonly tools: ArchiveTools;
  readonly askPassword: AskPassword;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Makes the index of a backup and keeps it in the data directory, unless there is one. Reads all of the archive, and
 * so rejects with `damaged` and the like as reading does; with `unsupported` if the index cannot be kept.
 */
export async function indexBackup(
  location: ArchiveLocation,
  reference: string,
  { tools, askPassword, report, signal }: IndexBackupOptions,
): Promise<void> {
  const otherIndexes = [tools.ownIndexStore()];
  await using file = await openBackup(location, reference, { askPassword, otherIndexes, signal });
  const warn = (warning: string): never => {
    throw new SafehouseError("unsupported", warning, {
      advice: "Make sure that the data directory can be written and has room",
    });
  };
  await using _ = await ensureIndex(file, tools, { report, signal, warn });
}
