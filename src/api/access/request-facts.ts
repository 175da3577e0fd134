import type { Context } from "hono";
import { isIP } from "node:net";
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
 * True if the browser speaks HTTPS, with us or with a proxy in front of us. Whoever pretends it gets a cookie
 * that his own browser does not keep, and harms nobody else.
 */
export function isHttps({ env, req }: Context<AccessEnv>): boolean {
  if (env.incoming.socket instanceof TLSSocket) return true;
  return req.header("X-Forwarded-Proto")?.split(",")[0]?.trim().toLowerCase() === "https";
}

/**
 * Where a request comes from. Proxies in front of us append whom they serve to `X-Forwarded-For`; what stands
 * there before is only claimed, and so is all of it where the peer is no such proxy.
 * @param proxies addresses
 */
export function clientOf(context: Context<AccessEnv>, proxies: readonly string[]): Client {
  const { req } = context;
  const forwarded = req.header("X-Forwarded-For")?.split(",") ?? [];
  const path = [...forwarded.map((address) => plainAddress(address.trim())), peerAddress(context)];
  const address = path.findLast((hop) => hop === undefined || !proxies.includes(hop)) ?? path[0];
  const isAddress = address !== undefined && isIP(address) !== 0;
  return { userAgent: req.header("User-Agent"), address: isAddress ? address : undefined };
}
