import { Hono } from "hono";
import type { StoredToken } from "#access/access-port.ts";
import type { AccessTools } from "#access/access-tools.ts";
import { makeToken, revokeToken } from "#access/tokens.ts";
import { described } from "../described.ts";
import { jsonBody } from "../json-body.ts";
import type { AccessEnv } from "./access-env.ts";
import { newToken, tokenList, tokenRequest } from "./access-schemas.ts";
import { requires } from "./requires.ts";

const tag = "access";

/** `/tokens`: API tokens. */
export function tokenRoutes(tools: AccessTools): Hono<AccessEnv> {
  return new Hono<AccessEnv>()
    .use(requires("admin"))
    .get("/", described({ tag, summary: "API tokens", answer: tokenList }), async (context) => {
      const { tokens } = await tools.store.read();
      return context.json({ tokens: tokens.map(tokenAnswer) });
    })
    .post(
      "/",
      described({ tag, summary: "Make an API token", status: 201, answer: newToken }),
      jsonBody(tokenRequest),
      async (context) => {
        const { name, scope, expiresInDays: days } = context.req.valid("json");
        const { stored, token } = await makeToken(tools, { name, scope, days });
        return context.json({ ...tokenAnswer(stored), token }, 201);
      },
    )
    .delete("/:id", described({ tag, summary: "Revoke a token", status: 204 }), async (context) => {
      await revokeToken(tools, context.req.param("id"));
      return context.body(null, 204);
    });
}

function tokenAnswer({ id, name, scope, madeAt, lastUsedAt, expiresAt }: StoredToken) {
  return { id, name, scope, madeAt, lastUsedAt, expiresAt };
}
