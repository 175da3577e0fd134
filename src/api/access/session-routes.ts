import { Hono } from "hono";
import type { AccessTools } from "#access/access-tools.ts";
import type { StoredSession } from "#access/access-port.ts";
import { changePassword, signIn } from "#access/passwords.ts";
import { endSession, endSessions, listSessions } from "#access/sessions.ts";
import { described } from "../described.ts";
import { jsonBody } from "../json-body.ts";
import type { AccessEnv } from "./access-env.ts";
import {
  givenPassword,
  passwordChange,
  sessionList,
  sessionsEnded,
  whoAmI,
} from "./access-schemas.ts";
import { requires } from "./requires.ts";
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

/** `/sessions`: those of everybody who gave the password. */
export function sessionsRoutes(tools: AccessTools): Hono<AccessEnv> {
  return new Hono<AccessEnv>()
    .use(requires("admin"))
    .get("/", described({ tag, summary: "Sessions", answer: sessionList }), async (context) => {
      const own = ownSession(context.var);
      const sessions = await listSessions(tools);
      return context.json({ sessions: sessions.map((session) => sessionAnswer(session, own)) });
    })
    .delete(
      "/",
      described({ tag, summary: "End all sessions but one's own", answer: sessionsEnded }),
      async (context) => context.json({ ended: await endSessions(tools, ownSession(context.var)) }),
    )
    .delete("/:id", described({ tag, summary: "End a session", status: 204 }), async (context) => {
      await endSession(tools, context.req.param("id"));
      return context.body(null, 204);
    });
}

/** `/password` */
export function passwordRoutes(tools: AccessTools): Hono<AccessEnv> {
  return new Hono<AccessEnv>().put(
    "/",
    described({
      tag,
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

function ownSession({ identity }: AccessEnv["Variables"]): string | undefined {
  return identity.kind === "session" ? identity.id : undefined;
}

function sessionAnswer(
  { id, madeAt, lastUsedAt, expiresAt, userAgent, address }: StoredSession,
  own: string | undefined,
) {
  return { id, current: id === own, madeAt, lastUsedAt, expiresAt, userAgent, address };
}
