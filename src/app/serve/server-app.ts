import { Hono } from "hono";
import type { AccessTools } from "#access/access-tools.ts";
import { accessGuard } from "#api/access/access-guard.ts";
import type { AccessEnv } from "#api/access/access-env.ts";
import { accessRoutes } from "#api/access/access-routes.ts";
import { requires } from "#api/access/requires.ts";
import type { ApiTools } from "#api/api-tools.ts";
import type { Health } from "#api/health.ts";
import { GuessLimit } from "#access/guess-limit.ts";
import { backupsDavRoutes } from "#api/dav/backups-routes.ts";
import { inboxDavRoutes } from "#api/dav/inbox-routes.ts";
import { homeRoutes } from "#api/home-routes.ts";
import { metricsType, renderMetrics, type MetricsFacts } from "#api/metrics.ts";
import { openApi } from "#api/open-api.ts";
import { pageRoutes } from "#api/page/page-routes.ts";
import { problemResponse, type ReportFault } from "#api/problem-document.ts";
import type { SupervisorHome } from "#api/supervisor/supervisor-home.ts";
import { supervisorRoutes } from "#api/supervisor/supervisor-routes.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Services } from "#operations/services.ts";
import type { ServerSettings } from "./server-settings.ts";

export interface ServerAppOptions {
  readonly access: AccessTools;
  readonly settings: Pick<ServerSettings, "ingress" | "hostNames" | "proxies">;
  readonly services: Services;
  readonly home: Pick<ApiTools, "homeFor" | "start">;
  readonly health: () => Health;
  readonly metrics: () => Promise<MetricsFacts>;
  /** The home as clients of the Supervisor's API know it. */
  readonly supervisor: SupervisorHome;
  /** Whether WebDAV may go over plain HTTP from other machines. */
  readonly allowsDavOverHttp: () => Promise<boolean>;
  /** Told when an archive has come by the inbox. */
  readonly arrived: () => void;
  readonly report: ReportFault;
}

/** Everything that a server answers, with the guards in front of it. */
export function serverApp(options: ServerAppOptions): Hono<AccessEnv> {
  const { access, settings, services, home, supervisor, health, metrics, report } = options;
  const { ingress, hostNames, proxies } = settings;
  const app = new Hono<AccessEnv>();
  app.onError((error) => problemResponse(services.translateError(error), report));
  app.notFound(({ req }) => problemResponse(nothingThere(req.path), report));
  app.get("/healthz", (context) => {
    const { status, body } = health();
    return context.json(body, status);
  });
  app.use(
    accessGuard({
      tools: access,
      hostNames,
      proxies,
      ...(ingress === undefined ? {} : { ingress: { address: ingress } }),
    }),
  );
  app.get("/metrics", requires("read"), async (context) =>
    context.body(renderMetrics(await metrics()), 200, { "Content-Type": metricsType }),
  );
  const guesses = new GuessLimit({ now: () => performance.now() });
  const dav = { access, guesses, allowsHttp: options.allowsDavOverHttp, homeFor: home.homeFor };
  app.route("/dav/backups", backupsDavRoutes(dav));
  app.route("/dav/inbox", inboxDavRoutes({ ...dav, arrived: options.arrived }));
  app.route("/", pageRoutes());
  app.route("/api/v1/access", accessRoutes(access));
  app.route("/api/v1/homes/home", homeRoutes({ ...home, requires }));
  const onFault = (error: unknown): void => report("in the Supervisor's API", error);
  app.route("/", supervisorRoutes(supervisor, { version: 1, requires, onFault }));
  app.route("/v2", supervisorRoutes(supervisor, { version: 2, requires, onFault }));
  const description = openApi(app, services.version);
  app.get("/api/v1/openapi.json", (context) => context.json(description));
  return app;
}

function nothingThere(path: string): SafehouseError {
  return new SafehouseError("not-found", `There is nothing at ${path}`, { subject: path });
}
