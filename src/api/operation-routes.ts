import { Hono, type Context } from "hono";
import type { AnyOperation } from "#operations/operation.ts";
import { documented } from "./described.ts";
import { documentOperation } from "./document-operation.ts";
import type { ApiTools } from "./api-tools.ts";
import { readJsonObject } from "./json-object.ts";

/** A route for each operation. What is answered is what the operation's schema says, and nothing else. */
export function operationRoutes(operations: readonly AnyOperation[], tools: ApiTools): Hono {
  const app = new Hono();
  for (const operation of operations) {
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ":$1");
    app.on(
      [operation.method.toUpperCase()],
      [path],
      documented(documentOperation(operation)),
      tools.requires(operation.scope, { inSetUp: operation.inSetUp === true }),
      (context) => answer(operation, context, tools),
    );
  }
  return app;
}

async function answer(
  operation: AnyOperation,
  context: Context,
  { homeFor, start, changed }: ApiTools,
): Promise<Response> {
  const input = { ...(await givenWith(context, operation)), ...context.req.param() };
  operation.check(input);
  const output =
    operation.startsRun === true
      ? await start(operation, input)
      : await operation.answer(input, homeFor(context.req.raw.signal));
  if (operation.method !== "get") changed(operation.id);
  return context.json(output as object, operation.startsRun === true ? 202 : 200);
}

/** The query of what only asks or removes, the body of everything else. */
async function givenWith(
  { req }: Context,
  { method }: AnyOperation,
): Promise<Readonly<Record<string, unknown>>> {
  if (method === "get" || method === "delete") return req.query();
  return readJsonObject(req);
}
