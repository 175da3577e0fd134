import { every } from "hono/combine";
import type { MiddlewareHandler } from "hono";
import type { AccessEnv } from "./access-env.ts";
import { authenticate, type AuthenticateOptions } from "./authenticate.ts";
import { hostGuard } from "./host-guard.ts";
import { sameOrigin } from "./same-origin.ts";
import { strictHeaders } from "./strict-headers.ts";

export interface AccessGuardOptions extends AuthenticateOptions {
  /** Names beside `localhost` under which the server may be asked for over loopback. */
  readonly hostNames?: readonly string[];
}

/**
 * Everything that has to happen before any route, in its order: strict headers, the check of the host, who
 * asks, and whether a page of another site made it ask. It lets nobody in: each route says what it `requires`.
 */
export function accessGuard(options: AccessGuardOptions): MiddlewareHandler<AccessEnv> {
  return every(strictHeaders(), hostGuard(options.hostNames), authenticate(options), sameOrigin());
}
