import { Hono } from "hono";
import { addDownloadRoute } from "./backups/download-route.ts";
import { addFreezeRoutes } from "./backups/freeze-routes.ts";
import { addListRoutes } from "./backups/list-routes.ts";
import { addMakeRoutes } from "./backups/make-routes.ts";
import { addRemoveRoute } from "./backups/remove-route.ts";
import { addRestoreRoutes } from "./backups/restore-routes.ts";
import { addUploadRoute } from "./backups/upload-route.ts";
import { failure } from "./http/envelope.ts";
import { refuseAccess } from "./http/refuse-access.ts";
import { addAddonRoutes } from "./info/addon-routes.ts";
import { addInfoRoutes } from "./info/info-routes.ts";
import { addJobRoutes } from "./jobs/job-routes.ts";
import { addMountRoutes } from "./mounts/mount-routes.ts";
import type { SupervisorApi } from "./supervisor-api.ts";
import type { SupervisorHome } from "./supervisor-home.ts";

/**
 * The part of the Supervisor's API that is about backups, for clients that were written for it: `ha`,
 * aiohasupervisor, Home Assistant. Mount version 1 at the root and version 2 at `/v2`.
 *
 * Uploads and backups that are waited for take hours: the server must not limit how long a request may take
 * (`requestTimeout` of Node).
 */
export function supervisorRoutes(home: SupervisorHome, options: Omit<SupervisorApi, "home">): Hono {
  const { requires } = options;
  const api: SupervisorApi = {
    ...options,
    home,
    requires: (scope) => refuseAccess(requires(scope)),
  };
  const app = new Hono();
  app.onError((error) => failure(error, api.onFault));
  const subjects = [
    addListRoutes,
    addMakeRoutes,
    addUploadRoute,
    addFreezeRoutes,
    addDownloadRoute,
    addRemoveRoute,
    addRestoreRoutes,
    addJobRoutes,
    addMountRoutes,
    addInfoRoutes,
    addAddonRoutes,
  ];
  for (const add of subjects) add(app, api);
  return app;
}
