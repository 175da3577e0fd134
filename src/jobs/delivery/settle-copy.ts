import type { RunBackup } from "#core/model/run.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import { findCopy } from "./find-copy.ts";

export interface SettleOptions {
  readonly to: ArchiveLocation;
  readonly report: ReportProgress;
  /** Keeps a line for people. */
  readonly log: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Waits until a copy that is there has come to wherever its location brings it by itself; done at once at most locations.
 * Whatever comes of it the copy stays, so that another attempt finds it there and only waits again.
 */
export async function settleCopy(
  backup: RunBackup,
  { to, report, log, signal }: SettleOptions,
): Promise<void> {
  const { settle } = to;
  if (settle === undefined) return;
  const { key, size: totalBytes } = (await findCopy(to, backup, signal)).object;
  await settle(key, (bytes) => report({ step: "deliver", bytes, totalBytes }), signal);
  log("It has come to enough other devices");
}
