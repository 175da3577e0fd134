import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { boolean, object, optional, strictObject, string } from "valibot";
import { operationRoutes } from "#api/operation-routes.ts";
import { operationRequest } from "#client/operation-request.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { defineOperation } from "#operations/operation.ts";
import { queryCount } from "#operations/schema/query-count.ts";
import { queryFlag } from "#operations/schema/query-flag.ts";
import { loops } from "#test/loops.ts";

const heard: unknown[] = [];
const common = {
  id: "say",
  summary: "Say what was heard",
  scope: "read",
  output: object({}),
} as const;
const run = async (input: object): Promise<object> => {
  heard.push(input);
  return {};
};

const queried = (["get", "delete"] as const).map((method) =>
  defineOperation({
    ...common,
    method,
    path: "/things/{thing}/of/{owner}",
    input: strictObject({
      thing: string(),
      owner: string(),
      note: optional(string()),
      wanted: optional(queryFlag, false),
      count: optional(queryCount(0, 1000), 0),
    }),
    run,
  }),
);
const told = (["post", "put"] as const).map((method) =>
  defineOperation({
    ...common,
    method,
    path: "/things/{thing}/of/{owner}",
    input: strictObject({
      thing: string(),
      owner: string(),
      note: optional(string()),
      wanted: optional(boolean(), false),
      count: optional(queryCount(0, 1000), 0),
    }),
    run,
  }),
);
const operations = [...queried, ...told];

const routes = operationRoutes(operations, {
  requires: () => (_, next) => next(),
  homeFor: () => ({}) as HomeContext,
  start: () => assert.fail(),
  changed: () => undefined,
});

test("an operation hears what was asked for, whatever is in it", async () => {
  const text = fc.string({ unit: "grapheme" });
  const name = text.filter((value) => !["", ".", ".."].includes(value));
  const input = fc.record(
    { thing: name, owner: name, note: text, wanted: fc.boolean(), count: fc.nat(1000) },
    { requiredKeys: ["thing", "owner"], noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...operations), input, async (operation, said) => {
      heard.length = 0;
      const { method, path, body } = operationRequest(operation, said);
      // As over the wire: an address that a server would read as another one does not pass.
      const url = new URL(path.slice(1), "http://127.0.0.1/");
      const answer = await routes.request(url.href, { method, body: body ?? null });
      assert.equal(answer.status, 200, await answer.text());
      assert.deepEqual(heard, [{ wanted: false, count: 0, ...said }]);
    }),
    { numRuns: loops(300) },
  );
});

test("a name that would lead to another address is found nowhere", () => {
  for (const thing of ["", ".", ".."])
    assert.throws(
      () => operationRequest(operations[0] ?? assert.fail(), { thing, owner: "x" }),
      (error) => error instanceof SafehouseError && error.problem === "not-found",
    );
});
