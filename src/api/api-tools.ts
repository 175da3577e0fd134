import type { MiddlewareHandler } from "hono";
import type { HomeContext } from "#operations/home-context.ts";
import type { Scope } from "#access/scope.ts";

/** What the routes of a home work with. */
export interface ApiTools {
  /** The home for one request. @param signal fires when nobody waits for the answer any more */
  readonly homeFor: (signal: AbortSignal) => HomeContext;
  /** Lets only those through who may do it. */
  readonly requires: (scope: Scope, options?: { readonly inSetUp?: boolean }) => MiddlewareHandler;
  /** Told when a request has changed something, or begun a run. */
  readonly changed: (operation: string) => void;
}
