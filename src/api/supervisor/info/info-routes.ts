import type { Hono } from "hono";
import { success } from "../http/envelope.ts";
import type { SupervisorApi } from "../supervisor-api.ts";
import { coreInfo, hostInfo, networkInfo, rootInfo, supervisorInfo } from "./info-answer.ts";

/** Who is there: what clients ask before anything else. */
export function addInfoRoutes(app: Hono, { home, version, requires }: SupervisorApi): void {
  const { info, backups } = home;

  // Only the first version answers anybody.
  if (version === 1) app.get("/supervisor/ping", () => success());
  else app.get("/supervisor/ping", requires("read"), () => success());

  app.get("/info", requires("read"), async () =>
    success(rootInfo(await info.describe(), await backups.state())),
  );
  app.get("/supervisor/info", requires("read"), async () =>
    success(supervisorInfo(await info.describe(), version)),
  );
  app.get("/core/info", requires("read"), async () => success(coreInfo(await info.describe())));
  app.get("/host/info", requires("read"), async () => success(hostInfo(await info.describe())));
  app.get("/network/info", requires("read"), async () =>
    success(networkInfo(await info.describe())),
  );
  app.get("/resolution/info", requires("read"), () =>
    success({ unsupported: [], unhealthy: [], issues: [], suggestions: [], checks: [] }),
  );
  app.get("/os/info", requires("read"), () =>
    success({
      version: null,
      version_latest: null,
      update_available: false,
      board: null,
      boot: null,
    }),
  );
}
