import { Hono } from "hono";
import type { AccessTools } from "#access/access-tools.ts";
import { tokenFacts } from "#operations/access/token-facts.ts";
import { listTokens, makeToken, revokeToken } from "#access/tokens.ts";
import { described } from "../described.ts";
import { jsonBody } from "../json-body.ts";
import type { AccessEnv } from "./access-env.ts";
import {
  newToken,
  tokenList,
  tokenRequest,
  tokenRevoked,
} from "#operations/access/access-schemas.ts";
import { requires } from "./requires.ts";

const tag = "access";

/** `/tokens`: API tokens. */
export function tokenRoutes(tools: AccessTools): Hono<AccessEnv> {
  return new Hono<AccessEnv>()
    .use(requires("admin"))
    .get("/", described({ tag, summary: "API tokens", answer: tokenList }), async (context) => {
      const tokens = await listTokens(tools);
      return context.json({ tokens: tokens.map(tokenFacts) });
    })
    .post(
      "/",
      described({ tag, summary: "Make an API token", status: 201, answer: newToken }),
      jsonBody(tokenRequest),
      async (context) => {
        const { name, scope, expiresInDays: days } = context.req.valid("json");
        const { stored, token } = await makeToken(tools, { name, scope, days });
        return context.json({ ...tokenFacts(stored), token }, 201);
      },
    )
    .delete(
      "/:id",
      described({ tag, summary: "Revoke a token", answer: tokenRevoked }),
      async (context) => {
        const { id, name } = await revokeToken(tools, context.req.param("id"));
        return context.json({ revoked: id, name });
      },
    );
}
