import type { MiddlewareHandler } from "hono";
import type { Identity, Nobody } from "#access/identity.ts";
import { mayDo, type Need } from "#access/may-do.ts";
import type { Scope } from "#access/scope.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { HttpProblem } from "../http-problem.ts";
import type { AccessEnv } from "./access-env.ts";

/**
 * Lets only those through who may do something; others get 401 or 403.
 * @param options `inSetUp` opens it to whoever came by the set-up link
 */
export function requires(
  scope: Scope,
  options: Omit<Need, "scope"> = {},
): MiddlewareHandler<AccessEnv> {
  const need = { scope, ...options };
  return async (context, next) => {
    demand(context.var.identity, need);
    await next();
  };
}

/** Throws unless somebody may do something. */
function demand(identity: Identity, need: Need): void {
  if (identity.kind === "nobody") throw signInFirst(identity);
  if (mayDo(identity, need) === "yes") return;
  if (identity.kind === "set-up")
    throw new SafehouseError("denied", "Safehouse is not set up yet", {
      advice: "Set a password first",
    });
  const held = identity.kind === "token" ? `Token ${identity.name} may` : "You may";
  throw new SafehouseError("denied", `${held} not do what needs the scope ${need.scope}`, {
    advice: "Use a token with a wider scope",
  });
}

function signInFirst({ refused }: Nobody): HttpProblem {
  const message = refused
    ? "The session has ended, or the token does not count"
    : "You are not signed in";
  return new HttpProblem(
    { status: 401, headers: { "WWW-Authenticate": `Bearer realm="Safehouse"` } },
    { problem: "denied", message, advice: "Sign in, or send an API token" },
  );
}
