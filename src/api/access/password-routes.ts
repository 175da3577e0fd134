import { Hono } from "hono";
import type { AccessTools } from "#access/access-tools.ts";
import { changePassword } from "#access/change-password.ts";
import { endSession } from "#access/sessions.ts";
import { described } from "../described.ts";
import { jsonBody } from "../json-body.ts";
import type { AccessEnv } from "./access-env.ts";
import { passwordChange, whoAmI } from "#operations/access/access-schemas.ts";
import { requires } from "./requires.ts";
import { giveSessionCookie } from "./session-cookie.ts";
import { whoAmIAnswer } from "./who-am-i.ts";

/** `/password` */
export function passwordRoutes(tools: AccessTools): Hono<AccessEnv> {
  return new Hono<AccessEnv>().put(
    "/",
    described({
      tag: "access",
      summary: "Change the password, which ends all other sessions",
      answer: whoAmI,
    }),
    requires("admin"),
    jsonBody(passwordChange),
    async (context) => {
      const { current, new: next } = context.req.valid("json");
      const made = await changePassword(tools, { current, next }, context.var.client);
      const { identity } = context.var;
      // A program with a token has no use for a session.
      if (identity.kind !== "session") {
        await endSession(tools, made.session.id);
        return context.json(await whoAmIAnswer(context, tools));
      }
      giveSessionCookie(context, made);
      return context.json(
        await whoAmIAnswer(context, tools, { kind: "session", id: made.session.id }),
      );
    },
  );
}
