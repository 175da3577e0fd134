import type { Hono } from "hono";
import { success } from "../http/envelope.ts";
import { blocked, inOfficialWords, OfficialError } from "../http/official-error.ts";
import { readBody } from "../http/request-body.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import { freezeRequest } from "./backup-requests.ts";

/** Holds the home still while somebody else takes a snapshot of it. */
export function addFreezeRoutes(app: Hono, { home, requires }: SupervisorApi): void {
  const { backups } = home;

  app.post("/backups/freeze", requires("backup"), async (context) => {
    const { timeout } = await readBody(context.req.raw, freezeRequest);
    await inOfficialWords(backups.freeze(timeout), { method: "freeze_all" });
    return success();
  });

  app.post("/backups/thaw", requires("backup"), async () => {
    if (await backups.thaw()) return success();
    throw (await backups.state()) === "freeze"
      ? new OfficialError("Freeze was not initiated by freeze API, cannot thaw this way")
      : blocked("thaw_all", "system is not frozen - running");
  });
}
