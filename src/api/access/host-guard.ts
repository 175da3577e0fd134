import { isIPv4 } from "node:net";
import type { MiddlewareHandler } from "hono";
import { SafehouseError } from "#core/model/problem.ts";
import { HttpProblem } from "../http-problem.ts";
import type { AccessEnv } from "./access-env.ts";
import { ownAddress } from "./request-facts.ts";

/**
 * Refuses requests over loopback that ask for another name than this machine's own: a page of a stranger whose
 * name suddenly means 127.0.0.1 (DNS rebinding) would else count as ours.
 * @param names further names, such as the one under which a proxy on this machine is reached
 */
export function hostGuard(names: readonly string[] = []): MiddlewareHandler<AccessEnv> {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return async (context, next) => {
    const host = URL.parse(`http://${context.req.header("Host") ?? ""}`)?.hostname;
    if (host === undefined)
      throw new SafehouseError("usage", "The request does not say which host it is for");
    if (isLoopback(ownAddress(context)) && !isOwnName(host) && !known.has(host))
      throw wrongHost(host);
    await next();
  };
}

function isLoopback(address: string | undefined): boolean {
  return address === "::1" || (address !== undefined && address.startsWith("127."));
}

function isOwnName(host: string): boolean {
  if (host === "localhost" || host.endsWith(".localhost") || host === "[::1]") return true;
  return isIPv4(host) && isLoopback(host);
}

function wrongHost(host: string): HttpProblem {
  return new HttpProblem(
    { status: 421 },
    {
      problem: "denied",
      message: `${host} is no name of this server`,
      subject: host,
      advice: "Use localhost, or make the name known to Safehouse",
    },
  );
}
