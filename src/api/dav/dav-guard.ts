import type { Context, MiddlewareHandler } from "hono";
import type { AccessTools } from "#access/access-tools.ts";
import type { GuessLimit } from "#access/guess-limit.ts";
import { identify } from "#access/identify.ts";
import { mayDo } from "#access/may-do.ts";
import type { TokenBearer } from "#access/identity.ts";
import type { Scope } from "#access/scope.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { AccessEnv } from "../access/access-env.ts";
import { isHttps, peerAddress } from "../access/request-facts.ts";
import { HttpProblem } from "../http-problem.ts";
import { basicPassword } from "./basic-credentials.ts";

export interface DavGuardOptions {
  readonly access: AccessTools;
  /**
   * Counts wrong tokens. One of its own: a file explorer that goes on with a token that was revoked must not keep its
   * owner from signing in.
   */
  readonly guesses: GuessLimit;
  /** Whether a person has allowed plain HTTP from other machines. */
  readonly allowsHttp: () => Promise<boolean>;
}

/**
 * Lets API tokens of a scope in, as the password of `Basic`, because file explorers know nothing else, or as everywhere
 * else. Sessions do not count here. Comes behind `accessGuard`. What is refused for its connection is refused before
 * any password is asked for, so that none goes over the wire.
 */
export function davGuard(
  scope: Scope,
  { access, guesses, allowsHttp }: DavGuardOptions,
): MiddlewareHandler<AccessEnv> {
  return async (context, next) => {
    if (!isSafe(context) && !(await allowsHttp())) throw plainHttp();
    refuseOtherSites(context);
    const bearer = await bearerOf(context, access);
    if (bearer === undefined) throw unknown(context, guesses);
    guesses.succeeded(context.var.client.address);
    context.set("identity", bearer);
    if (mayDo(bearer, { scope }) !== "yes") throw tooNarrow(bearer, scope);
    await next();
  };
}

/** Over HTTPS, or not over a network at all. Who comes from a proxy on this machine comes from elsewhere. */
function isSafe(context: Context<AccessEnv>): boolean {
  if (isHttps(context)) return true;
  const { req } = context;
  if (req.header("X-Forwarded-For") !== undefined) return false;
  if (req.header("X-Forwarded-Proto") !== undefined) return false;
  const peer = peerAddress(context);
  return peer === "::1" || peer?.startsWith("127.") === true;
}

/** A browser remembers what it was told for `Basic`, and would send it for pages of anybody. */
function refuseOtherSites({ req }: Context<AccessEnv>): void {
  const site = req.header("Sec-Fetch-Site");
  if (site === undefined || site === "same-origin" || site === "none") return;
  throw new SafehouseError("denied", "The request comes from a page of another site");
}

async function bearerOf(
  { req, var: { identity } }: Context<AccessEnv>,
  access: AccessTools,
): Promise<TokenBearer | undefined> {
  const password = basicPassword(req.header("Authorization"));
  const known =
    password === undefined ? identity : await identify(access, { token: password.trim() });
  return known.kind === "token" ? known : undefined;
}

/** Good tokens are not held up by wrong ones, as everywhere; only those are slowed down who show wrong ones. */
function unknown({ req, var: { client } }: Context<AccessEnv>, guesses: GuessLimit): Error {
  const isGuess = req.header("Authorization") !== undefined;
  const pause = isGuess ? guesses.begin(client.address) : 0;
  if (pause > 0) {
    const seconds = Math.ceil(pause / 1000);
    return new SafehouseError("busy", "There were too many wrong tokens", {
      advice: `Try again in ${seconds} s`,
      facts: { retryAfterSeconds: seconds },
    });
  }
  return new HttpProblem(
    {
      status: 401,
      headers: { "WWW-Authenticate": `Basic realm="Safehouse", charset="UTF-8"` },
    },
    {
      problem: "denied",
      message: isGuess ? "The token does not count" : "A token is needed",
      advice:
        "Give an API token as the password, with any name; make one with: safehouse access tokens new NAME",
    },
  );
}

function tooNarrow({ name, scope: held }: TokenBearer, scope: Scope): SafehouseError {
  return new SafehouseError(
    "denied",
    `Token ${name} has the scope ${held}, and this takes ${scope}`,
    { advice: `Make another one with: safehouse access tokens new NAME --scope ${scope}` },
  );
}

function plainHttp(): SafehouseError {
  return new SafehouseError(
    "denied",
    "Over plain HTTP the token could be read on the way, so this is for HTTPS alone",
    {
      advice:
        "Use HTTPS (safehouse serve --tls, or a proxy); in a network that you trust, allow it with: safehouse sharing change --webdav-over-http",
    },
  );
}
