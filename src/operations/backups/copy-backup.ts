import { array, boolean, maxLength, optional, pipe, strictObject } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { copyBackup } from "#jobs/delivery/copy-backup.ts";
import { sourcesOf } from "#jobs/locations/sources-of.ts";
import { atLocation } from "../at-location.ts";
import { defineRunOperation } from "../operation.ts";
import { ringPassword } from "../ring-password.ts";
import { backupReference, givenId, password } from "../schema/names.ts";
import { copiedSchema } from "./copied-schema.ts";
import { currentKeys } from "../keys/current-keys.ts";

export const copyBackupOperation = defineRunOperation({
  id: "copyBackup",
  summary: "Copy a backup to other locations, by slug or file name, and read the copies back",
  method: "post",
  path: "/backups/{backup}/copy",
  scope: "backup",
  input: strictObject({
    backup: backupReference,
    /** Where it is; found out if not given. */
    location: optional(givenId),
    /** Where to. */
    locations: optional(pipe(array(givenId), maxLength(50)), []),
    verify: optional(boolean(), true),
    password: optional(password),
  }),
  result: copiedSchema,
  async run({ backup, location: from, locations, verify, password: given }, context) {
    const { services, desk, person } = context;
    const place = atLocation(context, from);
    const named = person?.places ?? locations;
    if (named.length === 0)
      throw new SafehouseError("usage", "No location is named that would get a copy");
    const askPassword = ringPassword(context, given);
    const run = await desk.begin(async ({ begun, signal }) => {
      await using open = await services.openPlaces(place);
      await using runs = await services.openRuns(place);
      const to = await Promise.all(named.map((one) => open.locationId(one)));
      await using all = await services.openLocations(place);
      const isNear = (id: string): Promise<boolean> => open.isNear(id);
      const sources = await sourcesOf(backup, { ...all, isNear, signal });
      const request = { backup, from: sources, to, verify };
      return await copyBackup(request, {
        runs: runs.tools,
        openLocation: open.openLocation,
        installation: await open.installationId(),
        ...open.tools,
        newKeys: currentKeys(context),
        askPassword,
        report: person?.report ?? ((): void => undefined),
        begun,
        signal,
      });
    });
    return { run };
  },
});
