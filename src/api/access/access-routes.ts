import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { AccessTools } from "#access/access-tools.ts";
import { HttpProblem } from "../http-problem.ts";
import type { AccessEnv } from "./access-env.ts";
import { ownSessionRoutes } from "./own-session-routes.ts";
import { passwordRoutes } from "./password-routes.ts";
import { sessionsRoutes } from "./sessions-routes.ts";
import { setUpRoutes } from "./set-up-routes.ts";
import { tokenRoutes } from "./token-routes.ts";

/** Bytes; nothing that is sent here comes near it. */
const largestBody = 16 * 1024;

/** Signing in and out, the password, sessions, API tokens and set-up. Comes behind `accessGuard`. */
export function accessRoutes(tools: AccessTools): Hono<AccessEnv> {
  return new Hono<AccessEnv>()
    .use(bodyLimit({ maxSize: largestBody, onError: () => Promise.reject(tooLarge()) }))
    .use(async (context, next) => {
      await next();
      context.header("Cache-Control", "no-store");
    })
    .route("/set-up", setUpRoutes(tools))
    .route("/session", ownSessionRoutes(tools))
    .route("/sessions", sessionsRoutes(tools))
    .route("/password", passwordRoutes(tools))
    .route("/tokens", tokenRoutes(tools));
}

function tooLarge(): HttpProblem {
  return new HttpProblem(
    { status: 413 },
    { problem: "usage", message: `The body has more than ${largestBody} bytes` },
  );
}
