import type { Context, MiddlewareHandler } from "hono";
import { SafehouseError } from "#core/model/problem.ts";
import type { AccessEnv } from "./access-env.ts";

/**
 * Refuses changes that a page of another site asks for, whatever their content type; so no such page can use a
 * session, nor sign a browser in under a password of its own. What a token asks for is not asked by a page.
 * Comes after `authenticate`.
 */
export function sameOrigin(): MiddlewareHandler<AccessEnv> {
  return async (context, next) => {
    if (!isSafe(context.req.method) && isForeign(context))
      throw new SafehouseError("denied", "The request comes from a page of another site", {
        advice: "Behind a proxy, let it pass on the Host that the browser asked for",
      });
    await next();
  };
}

function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

function isForeign(context: Context<AccessEnv>): boolean {
  const { kind } = context.var.identity;
  if (kind === "token") return false;
  const { req } = context;
  const site = req.header("Sec-Fetch-Site");
  // `none` is a person who typed an address. Browsers send it only over HTTPS and to the same machine.
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const origin = req.header("Origin");
  // Every browser sends it with what it changes; programs without a session need not.
  if (origin === undefined) return kind !== "nobody";
  // The scheme is not compared: a proxy in front of us may speak HTTPS.
  return URL.parse(origin)?.host !== hostOf(context);
}

/** The host that the browser asked for; behind ingress Home Assistant tells it. */
function hostOf({ req, var: { identity } }: Context<AccessEnv>): string | undefined {
  const forwarded = identity.kind === "ingress" ? req.header("X-Forwarded-Host") : undefined;
  return (forwarded ?? req.header("Host"))?.toLowerCase();
}
