import type { MiddlewareHandler } from "hono";
import type { ApiVersion } from "./api-version.ts";
import type { SupervisorHome } from "./supervisor-home.ts";

/** What a caller has to be allowed to. */
export type SupervisorScope = "read" | "backup" | "restore" | "admin";

/** What the routes work with. */
export interface SupervisorApi {
  readonly home: SupervisorHome;
  readonly version: ApiVersion;
  /**
   * Lets a request through only if its caller is known and may do that; else it throws an `HttpProblem` of 401 or
   * `denied`, or answers itself. Clients send their token as `X-Supervisor-Token`, as `X-Hassio-Key` or as a
   * bearer; the first that is there counts.
   */
  readonly requires: (scope: SupervisorScope) => MiddlewareHandler;
  /** Receives what failed for a reason that is not told to clients. */
  readonly onFault: (error: unknown) => void;
}
