import { Hono } from "hono";
import type { AccessTools } from "#access/access-tools.ts";
import { endSession, endSessions, listSessions } from "#access/sessions.ts";
import { sessionFacts } from "#operations/access/session-facts.ts";
import { described } from "../described.ts";
import type { AccessEnv } from "./access-env.ts";
import { sessionList, sessionsEnded } from "#operations/access/access-schemas.ts";
import { requires } from "./requires.ts";

const tag = "access";

/** `/sessions`: those of everybody who gave the password. */
export function sessionsRoutes(tools: AccessTools): Hono<AccessEnv> {
  return new Hono<AccessEnv>()
    .use(requires("admin"))
    .get("/", described({ tag, summary: "Sessions", answer: sessionList }), async (context) => {
      const own = ownSession(context.var);
      const sessions = await listSessions(tools);
      return context.json({ sessions: sessions.map((session) => sessionFacts(session, own)) });
    })
    .delete(
      "/",
      described({ tag, summary: "End all sessions but one's own", answer: sessionsEnded }),
      async (context) => context.json({ ended: await endSessions(tools, ownSession(context.var)) }),
    )
    .delete(
      "/:id",
      described({ tag, summary: "End a session", answer: sessionsEnded }),
      async (context) => {
        await endSession(tools, context.req.param("id"));
        return context.json({ ended: 1 });
      },
    );
}

function ownSession({ identity }: AccessEnv["Variables"]): string | undefined {
  return identity.kind === "session" ? identity.id : undefined;
}
