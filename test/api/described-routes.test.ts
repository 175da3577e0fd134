import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Hono } from "hono";
import { homeRoutes } from "#api/home-routes.ts";
import { openApi } from "#api/open-api.ts";

function routes(): Hono {
  const homeFor = () => assert.fail("No home is asked for");
  const requires = () => async (_: unknown, next: () => Promise<void>) => next();
  const start = () => assert.fail("Nothing is started");
  const app = new Hono().route("/api/v1/homes/home", homeRoutes({ homeFor, start, requires }));
  const description = openApi(app, "1.2.3");
  return app.get("/api/v1/openapi.json", (context) => context.json(description));
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

test("the description of the API has every route, and no other", async () => {
  const app = routes();
  const base = "/api/v1/homes/home";
  const answered = new Set<string>();
  for (const { method, path } of app.routes)
    if (!["ALL", "OPTIONS", "HEAD"].includes(method) && path.startsWith(base))
      answered.add(`${method.toLowerCase()} ${path.slice(base.length)}`);
  const { paths } = (await (await app.request("/api/v1/openapi.json")).json()) as {
    paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  };
  const described = new Set<string>();
  const ids: string[] = [];
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { operationId, parameters = [], responses }] of Object.entries(methods)) {
      ids.push(operationId);
      // Hono answers it with what answers GET.
      if (method !== "head")
        described.add(`${method} ${path.slice(base.length).replaceAll(/\{(\w+)\}/g, ":$1")}`);
      const inPath = parameters.filter((parameter) => parameter.in === "path");
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      assert.deepEqual(
        inPath.map(({ name }) => name),
        named,
        path,
      );
      assert.ok("default" in responses, path);
    }
  }
  assert.deepEqual([...described].toSorted(), [...answered].toSorted());
  assert.equal(new Set(ids).size, ids.length);
});
