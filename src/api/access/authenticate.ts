import type { Context, MiddlewareHandler } from "hono";
import type { AccessTools } from "#access/access-tools.ts";
import { identify } from "#access/identify.ts";
import type { IngressUser } from "#access/identity.ts";
import type { AccessEnv } from "./access-env.ts";
import { clientOf, peerAddress } from "./request-facts.ts";
import { readSessionCookie } from "./session-cookie.ts";

export interface AuthenticateOptions {
  readonly tools: AccessTools;
  /** Home Assistant's ingress, which has signed its users in itself; undefined where we stand alone. */
  readonly ingress?: {
    /** Its address; on Home Assistant OS and Supervised `172.30.32.2`. */
    readonly address: string;
  };
  /** Addresses of proxies that tell whom they serve. Without them all who come through one count as one. */
  readonly proxies?: readonly string[];
}

/**
 * Finds out who asks, and leaves what follows to decide. Headers of the ingress count only on connections from
 * its address. A token may stand in `Authorization: Bearer` and in the two headers of the Supervisor; next to
 * one the cookie does not count.
 */
export function authenticate({
  tools,
  ingress,
  proxies = [],
}: AuthenticateOptions): MiddlewareHandler<AccessEnv> {
  return async (context, next) => {
    context.set("client", clientOf(context, proxies));
    const isIngress = ingress !== undefined && peerAddress(context) === ingress.address;
    const user = isIngress ? ingressUser(context) : undefined;
    context.set("identity", user ?? (await identify(tools, credentialsOf(context))));
    await next();
  };
}

function ingressUser({ req }: Context<AccessEnv>): IngressUser | undefined {
  const basePath = req.header("X-Ingress-Path");
  if (basePath === undefined || !/^\/[\w./-]*$/u.test(basePath)) return undefined;
  return {
    kind: "ingress",
    userId: req.header("X-Remote-User-Id"),
    name: req.header("X-Remote-User-Display-Name") ?? req.header("X-Remote-User-Name"),
    basePath: basePath.replace(/\/+$/u, ""),
  };
}

function credentialsOf(context: Context<AccessEnv>) {
  const { req } = context;
  const token =
    req.header("X-Supervisor-Token") ??
    req.header("X-Hassio-Key") ??
    bearerToken(req.header("Authorization"));
  return { token, session: readSessionCookie(context) };
}

/**
 * A proxy's own user and password (`Basic`) are not for us. The Supervisor takes a token without a scheme, too.
 */
function bearerToken(authorization: string | undefined): string | undefined {
  return /^(?:bearer +)?(?<token>[^ ]+)$/iu.exec(authorization?.trim() ?? "")?.groups?.["token"];
}
