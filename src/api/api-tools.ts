import type { MiddlewareHandler } from "hono";
import type { HomeContext } from "#operations/home-context.ts";
import type { AnyOperation } from "#operations/operation.ts";
import type { Scope } from "#access/scope.ts";

/** What the routes of a home work with. */
export interface ApiTools {
  /** The home for one request. @param signal fires when nobody waits for the answer any more */
  readonly homeFor: (signal: AbortSignal) => HomeContext;
  /** Answers an operation that starts a run, which then goes on whoever waits for it. */
  readonly start: (operation: AnyOperation, input: unknown) => Promise<unknown>;
  /** Lets only those through who may do it. */
  readonly requires: (scope: Scope, options?: { readonly inSetUp?: boolean }) => MiddlewareHandler;
  /** Told when a request has changed something, or begun a run. */
  readonly changed: (operation: string) => void;
}
