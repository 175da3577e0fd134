import type { Hono } from "hono";
import { success } from "../http/envelope.ts";
import { inOfficialWords, OfficialError, type BackupMethod } from "../http/official-error.ts";
import { readBody } from "../http/request-body.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import type { SupervisorHome } from "../supervisor-home.ts";
import {
  fullBackupRequest,
  partialBackupRequest,
  type FullBackupRequest,
} from "./backup-requests.ts";
import type { BackupWish, ChosenParts } from "./backups-port.ts";
import { checkLocations, defaultLocation, mountsAmong } from "./check-locations.ts";

/** New backups, full and partial. */
export function addMakeRoutes(app: Hono, { home, version, requires }: SupervisorApi): void {
  app.post("/backups/new/full", requires("backup"), async (context) => {
    const request = await readBody(context.req.raw, fullBackupRequest);
    return make(home, "do_backup_full", { request, parts: undefined });
  });

  app.post("/backups/new/partial", requires("backup"), async (context) => {
    const request = await readBody(context.req.raw, partialBackupRequest[version]);
    return make(home, "do_backup_partial", { request, parts: request.parts });
  });
}

interface MakeRequest {
  readonly request: FullBackupRequest;
  readonly parts: ChosenParts | undefined;
}

async function make(
  home: SupervisorHome,
  method: BackupMethod,
  { request, parts }: MakeRequest,
): Promise<Response> {
  const locations = await checkLocations(home, request.location ?? [await defaultLocation(home)]);
  const wish: BackupWish = {
    name: textOrNothing(request.name),
    fileName: request.filename,
    password: textOrNothing(request.password),
    // As official servers have it: `null` is not the default.
    compressed: request.compressed ?? false,
    locations,
    parts,
    excludeDatabase: request.homeassistant_exclude_database,
    extra: request.extra,
  };
  const concern = { method, mounts: mountsAmong(locations) };
  const { id, slug, ended } = await inOfficialWords(home.backups.create(wish), concern);
  if (request.background) return success({ job_id: id });
  if ((await ended) === undefined) return success({ job_id: id, slug });
  throw new OfficialError(
    `An error occurred while making backup, check job '${id}' or supervisor logs for details`,
    { jobId: id },
  );
}

function textOrNothing(value: string | null | undefined): string | undefined {
  return value === null || value === "" ? undefined : value;
}
