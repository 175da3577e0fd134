import { Hono } from "hono";
import { allOperations } from "#operations/all-operations.ts";
import type { ApiTools } from "./api-tools.ts";
import { Changes } from "./changes.ts";
import { documentedRoutes } from "./documented-routes.ts";
import { describedDownloads } from "./downloads/described-downloads.ts";
import { downloadRoutes } from "./downloads/download-routes.ts";
import { eventRoutes } from "./event-routes.ts";
import { operationRoutes } from "./operation-routes.ts";
import { describedUploads } from "./uploads/described-uploads.ts";
import { uploadRoutes } from "./uploads/upload-routes.ts";

/** Everything about a home; there is one, below `/api/v1/homes/home`. */
export function homeRoutes(tools: Omit<ApiTools, "changed">): Hono {
  const changes = new Changes();
  const all = { ...tools, changed: changes.tell };
  return new Hono()
    .route("/", documentedRoutes([...describedDownloads, ...describedUploads]))
    .route("/", eventRoutes(all, changes))
    .route("/", downloadRoutes(all))
    .route("/", uploadRoutes(all))
    .route("/", operationRoutes(allOperations, all));
}
