import type { RunBackup } from "#core/model/run.ts";
import type { VerifyBackupOptions } from "#jobs/backup/verify-backup.ts";
import { runAlone } from "#jobs/runs/run-alone.ts";
import type { OpenLocation } from "#operations/services.ts";
import { atLocation } from "../at-location.ts";
import type { HomeContext } from "../home-context.ts";
import { ringPassword } from "../ring-password.ts";

/** What is to be verified. */
export interface VerifyWanted<Result> {
  /** Id of the location; undefined for the default one. */
  readonly location: string | undefined;
  /** What it is about, if it is about one alone. */
  readonly backup: RunBackup | undefined;
  readonly level: VerifyBackupOptions["level"];
  readonly password: string | undefined;
  readonly verify: (
    location: OpenLocation["location"],
    options: VerifyBackupOptions,
  ) => Promise<Result>;
}

/** Begins a run that verifies something at a location, and returns its id. */
export async function beginVerify<Result>(
  context: HomeContext,
  { location, backup, level, password, verify }: VerifyWanted<Result>,
): Promise<string> {
  const { services, desk, person } = context;
  const place = atLocation(context, location);
  const askPassword = ringPassword(context, password);
  return desk.begin(async ({ begun, signal }) => {
    await using open = await services.openLocation(place);
    await using runs = await services.openRuns(place);
    const { clock } = open.tools;
    const about = { kind: "verify", location: open.location.id, backup, begun, signal } as const;
    return await runAlone(
      {
        ...about,
        report: person?.report,
        work: ({ signal: cancelled, report }) =>
          verify(open.location, { level, askPassword, clock, report, signal: cancelled }),
      },
      runs.tools,
    );
  });
}
