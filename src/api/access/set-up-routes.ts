import { Hono } from "hono";
import type { AccessTools } from "#access/access-tools.ts";
import { exchangeSetUpToken, setFirstPassword } from "#access/set-up.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { described } from "../described.ts";
import { jsonBody } from "../json-body.ts";
import type { AccessEnv } from "./access-env.ts";
import { givenPassword, setUpLink, whoAmI } from "#operations/access/access-schemas.ts";
import { requires } from "./requires.ts";
import { giveSessionCookie } from "./session-cookie.ts";
import { whoAmIAnswer } from "./who-am-i.ts";

/** `/set-up`: from the link that the server has shown to the first password. */
export function setUpRoutes(tools: AccessTools): Hono<AccessEnv> {
  const tag = "access";
  return new Hono<AccessEnv>()
    .post(
      "/session",
      described({
        tag,
        summary: "Begin to set up with the token of the set-up link",
        answer: whoAmI,
      }),
      jsonBody(setUpLink),
      async (context) => {
        const { token } = context.req.valid("json");
        const made = await exchangeSetUpToken(tools, token, context.var.client);
        giveSessionCookie(context, made);
        const identity = { kind: "set-up", id: made.session.id } as const;
        return context.json(await whoAmIAnswer(context, tools, identity));
      },
    )
    .post(
      "/password",
      described({ tag, summary: "Set the first password, which ends set-up", answer: whoAmI }),
      requires("admin", { inSetUp: true }),
      jsonBody(givenPassword),
      async (context) => {
        const { identity } = context.var;
        if (identity.kind !== "set-up") throw notByLink();
        const first = { id: identity.id, password: context.req.valid("json").password };
        const made = await setFirstPassword(tools, first, context.var.client);
        giveSessionCookie(context, made);
        const signedIn = { kind: "session", id: made.session.id } as const;
        return context.json(await whoAmIAnswer(context, tools, signedIn));
      },
    );
}

function notByLink(): SafehouseError {
  return new SafehouseError("denied", "The first password is set by whoever has the set-up link", {
    advice: "Open the link that the server has shown at its last start",
  });
}
