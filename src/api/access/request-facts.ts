import type { Context } from "hono";
import { TLSSocket } from "node:tls";
import { plainAddress } from "#access/address-group.ts";
import type { Client } from "#access/client.ts";
import type { AccessEnv } from "./access-env.ts";

/** Address of whoever holds the other end of the connection; no header changes it. */
export function peerAddress({ env }: Context<AccessEnv>): string | undefined {
  const { remoteAddress } = env.incoming.socket;
  return remoteAddress === undefined ? undefined : plainAddress(remoteAddress);
}

/** Address of our own end. */
export function ownAddress({ env }: Context<AccessEnv>): string | undefined {
  const { localAddress } = env.incoming.socket;
  return localAddress === undefined ? undefined : plainAddress(localAddress);
}

/**
 * True if the browser speaks HTTPS, with us or with a proxy in front of us. Whoever pretends it gets a cookie that his own browser
 * does not keep, and harms nobody else.
 */
export function isHttps({ env, req }: Context<AccessEnv>): boolean {
  if (env.incoming.socket instanceof TLSSocket) return true;
  return req.header("X-Forwarded-Proto")?.split(",")[0]?.trim().toLowerCase() === "https";
}

/** Where a request comes from, as far as the list of sessions tells. */
export function clientOf(context: Context<AccessEnv>): Client {
  return { userAgent: context.req.header("User-Agent"), address: peerAddress(context) };
}
