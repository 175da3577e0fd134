import { Hono } from "hono";
import type { StoredSession } from "#access/access-port.ts";
import type { AccessTools } from "#access/access-tools.ts";
import { endSession, endSessions, listSessions } from "#access/sessions.ts";
import { described } from "../described.ts";
import type { AccessEnv } from "./access-env.ts";
import { sessionList, sessionsEnded } from "./access-schemas.ts";
import { requires } from "./requires.ts";

const tag = "access";

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

function ownSession({ identity }: AccessEnv["Variables"]): string | undefined {
  return identity.kind === "session" ? identity.id : undefined;
}

function sessionAnswer(
  { id, madeAt, lastUsedAt, expiresAt, userAgent, address }: StoredSession,
  own: string | undefined,
) {
  return { id, current: id === own, madeAt, lastUsedAt, expiresAt, userAgent, address };
}
