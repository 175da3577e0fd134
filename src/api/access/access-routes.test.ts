import { strict as assert } from "node:assert";
import { test } from "node:test";
import { accessTools } from "#access/access-tools.ts";
import { openApi } from "../open-api.ts";
import { accessRoutes } from "./access-routes.ts";

const nowhere = {
  read: () => Promise.reject(new Error("It is not asked")),
  change: () => Promise.reject(new Error("It is not asked")),
};

test("every route is described, with what it takes and what it answers", () => {
  const report = (error: unknown): never => assert.fail(String(error));
  const tools = accessTools({ store: nowhere, clock: { now: () => 0 }, report });
  const { paths } = openApi(accessRoutes(tools), "1.0.0");
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  assert.deepEqual(routes.toSorted(), [
    "delete /session",
    "delete /sessions",
    "delete /sessions/{id}",
    "delete /tokens/{id}",
    "get /session",
    "get /sessions",
    "get /tokens",
    "post /session",
    "post /set-up/password",
    "post /set-up/session",
    "post /tokens",
    "put /password",
  ]);
  const made = paths["/tokens"]?.["post"];
  assert.deepEqual(Object.keys(made?.["responses"] ?? {}), ["201", "default"]);
  assert.match(JSON.stringify(made?.["requestBody"]), /"additionalProperties":false/u);
  assert.match(
    JSON.stringify(made?.["requestBody"]),
    /"enum":\["read","backup","restore","admin","inbox"\]/u,
  );
  assert.match(JSON.stringify(made?.["responses"]), /"format":"date-time"/u);
});
