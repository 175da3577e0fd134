import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { NewSession } from "#access/sessions.ts";
import type { AccessEnv } from "./access-env.ts";
import { isHttps } from "./request-facts.ts";

/** Over HTTPS the prefix keeps pages of neighbouring names from setting the cookie. */
const secureName = "__Host-safehouse";
const plainName = "safehouse";

/** What the session's cookie holds. A cookie from before HTTPS does not count over it. */
export function readSessionCookie(context: Context<AccessEnv>): string | undefined {
  return getCookie(context, isHttps(context) ? secureName : plainName);
}

/** Gives a session to the browser: for this site alone, and out of reach of scripts. */
export function giveSessionCookie(
  context: Context<AccessEnv>,
  { secret, session }: NewSession,
): void {
  const secure = isHttps(context);
  const lifeInMs = Date.parse(session.expiresAt) - Date.parse(session.madeAt);
  setCookie(context, secure ? secureName : plainName, secret, {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    secure,
    maxAge: Math.floor(lifeInMs / 1000),
  });
}

/** Takes the session from the browser. */
export function dropSessionCookie(context: Context<AccessEnv>): void {
  const secure = isHttps(context);
  deleteCookie(context, secure ? secureName : plainName, { path: "/", secure });
}
