import type { Hono } from "hono";
import { success } from "../http/envelope.ts";
import { readBody } from "../http/request-body.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import { detailedBackup, listedBackup } from "./backup-answer.ts";
import { optionsRequest } from "./backup-requests.ts";
import { findBackup } from "./find-backup.ts";

/** Lists, details, and what they depend on. */
export function addListRoutes(app: Hono, { home, version, requires }: SupervisorApi): void {
  const { backups } = home;
  const list = async (): Promise<Record<string, unknown>[]> =>
    (await backups.list()).map((backup) => listedBackup(backup, version));

  app.get("/backups", requires("read"), async () => success({ backups: await list() }));

  app.get("/backups/info", requires("read"), async () =>
    success({ backups: await list(), days_until_stale: await backups.daysUntilStale() }),
  );

  app.get("/backups/:slug/info", requires("read"), async (context) => {
    const backup = await findBackup(backups, context.req.param("slug"));
    return success(detailedBackup(backup, version));
  });

  app.post("/backups/options", requires("admin"), async (context) => {
    const { days_until_stale: days } = await readBody(context.req.raw, optionsRequest);
    if (days !== undefined) await backups.setDaysUntilStale(days);
    return success();
  });

  app.post("/backups/reload", requires("backup"), async () => {
    await backups.reload();
    return success();
  });
}
