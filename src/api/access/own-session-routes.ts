import { Hono } from "hono";
import type { AccessTools } from "#access/access-tools.ts";
import { endSession } from "#access/sessions.ts";
import { signIn } from "#access/sign-in.ts";
import { described } from "../described.ts";
import { jsonBody } from "../json-body.ts";
import type { AccessEnv } from "./access-env.ts";
import { givenPassword, whoAmI } from "#operations/access/access-schemas.ts";
import { dropSessionCookie, giveSessionCookie } from "./session-cookie.ts";
import { whoAmIAnswer } from "./who-am-i.ts";

const tag = "access";

/** `/session`: the caller's own. Signing in and asking who one is are open to everybody. */
export function ownSessionRoutes(tools: AccessTools): Hono<AccessEnv> {
  return new Hono<AccessEnv>()
    .get("/", described({ tag, summary: "Who asks", answer: whoAmI }), async (context) =>
      context.json(await whoAmIAnswer(context, tools)),
    )
    .post(
      "/",
      described({ tag, summary: "Sign in", answer: whoAmI }),
      jsonBody(givenPassword),
      async (context) => {
        const { password } = context.req.valid("json");
        const made = await signIn(tools, password, context.var.client);
        giveSessionCookie(context, made);
        const identity = { kind: "session", id: made.session.id } as const;
        return context.json(await whoAmIAnswer(context, tools, identity));
      },
    )
    .delete("/", described({ tag, summary: "Sign out", status: 204 }), async (context) => {
      const { identity } = context.var;
      if (identity.kind === "session" || identity.kind === "set-up")
        await endSession(tools, identity.id);
      dropSessionCookie(context);
      return context.body(null, 204);
    });
}
