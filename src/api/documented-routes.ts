import { Hono } from "hono";
import type { AnyOperation } from "#operations/operation.ts";
import { documented, type RouteDocument } from "./described.ts";
import { documentInput } from "./document-input.ts";

/** A route that is no operation, because bytes flow through it, as the OpenAPI document has it. */
export interface DescribedRoute {
  readonly method: AnyOperation["method"] | "head";
  readonly path: AnyOperation["path"];
  /** What comes in, as for an operation; all of it in path and query if the description has a body. */
  readonly input?: AnyOperation["input"];
  /** An OpenAPI operation object without its security. */
  readonly description: RouteDocument;
}

/** Routes that do nothing but tell the OpenAPI document of those that come behind them. */
export function documentedRoutes(routes: readonly DescribedRoute[]): Hono {
  const app = new Hono();
  for (const { method, path, input, description } of routes) {
    const inQuery = ["get", "head", "delete"].includes(method) || "requestBody" in description;
    const given = input === undefined ? {} : documentInput({ path, input }, inQuery);
    const pattern = path.replaceAll(/\{(\w+)\}/g, ":$1");
    app.on([method.toUpperCase()], [pattern], documented({ ...given, ...description }));
  }
  return app;
}
