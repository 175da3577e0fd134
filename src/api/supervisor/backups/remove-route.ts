import type { Hono } from "hono";
import { success } from "../http/envelope.ts";
import { inOfficialWords } from "../http/official-error.ts";
import { readBody } from "../http/request-body.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import { copiesOf } from "./backup-answer.ts";
import { removeRequest } from "./backup-requests.ts";
import { mountsAmong, refuseCloud } from "./check-locations.ts";
import { findBackup } from "./find-backup.ts";

/** Removes a backup everywhere, or at the locations that are named and have it. */
export function addRemoveRoute(app: Hono, { home, requires }: SupervisorApi): void {
  app.delete("/backups/:slug", requires("admin"), async (context) => {
    const backup = await findBackup(home.backups, context.req.param("slug"));
    const { location: named = [] } = await readBody(context.req.raw, removeRequest);
    refuseCloud(named);
    const concerned = copiesOf(backup).filter(
      ({ location }) => named.length === 0 || named.includes(location),
    );
    const locations = concerned.map(({ location }) => location);
    const files = concerned.map(({ fileName }) => fileName).join(", ");
    if (locations.length > 0)
      await inOfficialWords(home.backups.remove(backup.slug, locations), {
        mounts: mountsAmong(locations),
        vanished: `Cannot delete backup at ${files}, file does not exist!`,
      });
    return success();
  });
}
