import type { Hono } from "hono";
import { SafehouseError } from "#core/model/problem.ts";
import { archiveResponse } from "../download/archive-response.ts";
import { contentDisposition, downloadName } from "../download/download-name.ts";
import { inOfficialWords } from "../http/official-error.ts";
import { locationNameOf } from "../location-name.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import { mountsAmong, refuseCloud } from "./check-locations.ts";
import { copyAt, findBackup } from "./find-backup.ts";

/** The archive of a backup, as it is stored. Whoever has it can open it, if it is not encrypted. */
export function addDownloadRoute(app: Hono, { home, requires }: SupervisorApi): void {
  app.get("/backups/:slug/download", requires("restore"), async (context) => {
    const backup = await findBackup(home.backups, context.req.param("slug"));
    const { slug } = backup;
    const named = context.req.query("location");
    const wanted = named === undefined ? undefined : locationNameOf(named);
    refuseCloud(wanted === undefined ? [] : [wanted]);
    const { location } = copyAt(
      backup,
      wanted,
      (name) => `Backup ${slug} is not in location ${name}`,
    );
    const archive = await openUnlessGone(home.backups.open(slug, location), location);
    if (archive === undefined) return new Response(null, { status: 404 });
    const name = downloadName(archive.fileName, backup);
    return archiveResponse(context.req.raw, archive, {
      "Content-Type": "application/tar",
      "Content-Disposition": contentDisposition(name),
      "Cache-Control": "no-store",
    });
  });
}

async function openUnlessGone<T>(opening: Promise<T>, location: string): Promise<T | undefined> {
  try {
    return await opening;
  } catch (error) {
    if (error instanceof SafehouseError && error.problem === "not-found") return undefined;
    return inOfficialWords(Promise.reject(error as Error), { mounts: mountsAmong([location]) });
  }
}
