import { Hono } from "hono";
import { allOperations } from "#operations/all-operations.ts";
import type { ApiTools } from "./api-tools.ts";
import { Changes } from "./changes.ts";
import { describedEvents, eventRoutes } from "./event-routes.ts";
import { openApi } from "./open-api.ts";
import { operationRoutes } from "./operation-routes.ts";

/** The own API: `/api/v1`, with everything about the one home below `/api/v1/homes/home`. */
export function homeRoutes(tools: Omit<ApiTools, "changed">, version: string): Hono {
  const changes = new Changes();
  const all = { ...tools, changed: changes.tell };
  const description = openApi(allOperations, [describedEvents], version);
  const app = new Hono();
  app.get("/api/v1/openapi.json", (context) => context.json(description as object));
  app.route("/api/v1/homes/home", eventRoutes(all, changes));
  app.route("/api/v1/homes/home", operationRoutes(allOperations, all));
  return app;
}
