import type { RunBackup } from "#core/model/run.ts";
import type { ArchiveFile } from "#jobs/archive/open-archive-file.ts";
import type { OpenedLocation } from "#jobs/open-location-port.ts";
import { restoreBackup } from "#jobs/restore/restore-backup.ts";
import type { RestoreRequest } from "#jobs/restore/restore-request.ts";
import { runAlone } from "#jobs/runs/run-alone.ts";
import type { PlaceFlags } from "#operations/services.ts";
import type { HomeContext } from "../home-context.ts";

/** What is to be restored. */
export interface RestoreWanted {
  /** The home, and the location of the backup. */
  readonly place: PlaceFlags;
  /** What it is, if that is known beforehand. */
  readonly backup: RunBackup | undefined;
  readonly request: RestoreRequest;
  /** Opens the archive once nobody else can touch the home. */
  readonly open: (location: OpenedLocation, signal: AbortSignal) => Promise<ArchiveFile>;
  /** Sentences about what was recovered before. */
  readonly recovered: readonly string[];
}

/** Begins a run that restores an archive, and returns its id. */
export async function beginRestore(
  { services, desk, person }: HomeContext,
  { place, backup, request, open, recovered }: RestoreWanted,
): Promise<string> {
  return desk.begin(async ({ begun, signal }) => {
    await using home = await services.openHome(place);
    await using runs = await services.openRuns(place);
    const { installation } = home;
    const about = { kind: "restore", location: home.chosen, backup, begun, signal } as const;
    const result = await runAlone(
      {
        ...about,
        report: person?.report,
        work: async ({ signal: cancelled, report }) => {
          await using _ = await home.hold("restore", cancelled);
          const location = await home.openLocation(home.chosen, cancelled);
          await using archive = await open(location, cancelled);
          const tools = { installation, report, signal: cancelled };
          return await restoreBackup(archive, request, tools);
        },
      },
      runs.tools,
    );
    return { ...result, recovered: [...recovered, ...home.recovered] };
  });
}
