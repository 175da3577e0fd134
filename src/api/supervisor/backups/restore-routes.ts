import type { Hono } from "hono";
import { success } from "../http/envelope.ts";
import { inOfficialWords, OfficialError, type BackupMethod } from "../http/official-error.ts";
import { readBody } from "../http/request-body.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import {
  fullRestoreRequest,
  partialRestoreRequest,
  type FullRestoreRequest,
} from "./backup-requests.ts";
import type { ChosenParts, KeptBackup, SupervisorBackups } from "./backups-port.ts";
import { mountsAmong, refuseCloud } from "./check-locations.ts";
import { copyAt, findBackup } from "./find-backup.ts";

/** Restores, full and partial. */
export function addRestoreRoutes(app: Hono, { home, version, requires }: SupervisorApi): void {
  const { backups } = home;

  app.post("/backups/:slug/restore/full", requires("restore"), async (context) => {
    const backup = await findBackup(backups, context.req.param("slug"));
    const request = await readBody(context.req.raw, fullRestoreRequest);
    if (backup.type !== "full") throw new OfficialError(`${backup.slug} is only a partial backup!`);
    return restore(backups, { backup, request, parts: undefined, method: "do_restore_full" });
  });

  app.post("/backups/:slug/restore/partial", requires("restore"), async (context) => {
    const backup = await findBackup(backups, context.req.param("slug"));
    const request = await readBody(context.req.raw, partialRestoreRequest[version]);
    const { parts } = request;
    refuseMissing(backup, parts);
    return restore(backups, { backup, request, parts, method: "do_restore_partial" });
  });
}

interface RestoreOrder {
  readonly backup: KeptBackup;
  readonly request: FullRestoreRequest;
  readonly parts: ChosenParts | undefined;
  readonly method: BackupMethod;
}

async function restore(backups: SupervisorBackups, order: RestoreOrder): Promise<Response> {
  const { backup, request, parts, method } = order;
  const { slug } = backup;
  refuseCloud(request.location === undefined ? [] : [request.location]);
  const { location, fileName } = copyAt(
    backup,
    request.location,
    (name) => `Backup ${slug} does not exist in ${name}`,
  );
  const started = backups.restore(slug, {
    location,
    password: request.password ?? undefined,
    parts,
  });
  const { id, ended } = await inOfficialWords(started, {
    slug,
    method,
    mounts: mountsAmong([location]),
    vanished: `Cannot validate backup at ${fileName}, file does not exist!`,
  });
  if (request.background || (await ended) === undefined) return success({ job_id: id });
  throw new OfficialError(
    `An error occurred during restore of ${slug}, check job '${id}' or supervisor logs for details`,
    { jobId: id },
  );
}

/** An official server passes over what is not there, and the client learns nothing. */
function refuseMissing(
  { slug, homeassistant, addons, folders }: KeptBackup,
  parts: ChosenParts,
): void {
  if (parts.homeassistant && homeassistant === undefined)
    throw new OfficialError("No Home Assistant Core data inside the backup");
  const there: readonly string[] = [...addons.map((addon) => addon.slug), ...folders];
  const chosen = [...(parts.addons === "ALL" ? [] : parts.addons), ...parts.folders];
  const missing = chosen.filter((name) => !there.includes(name));
  if (missing.length > 0)
    throw new OfficialError(`Backup ${slug} does not contain ${missing.join(", ")}`);
}
