import type { AnyOperation } from "#operations/operation.ts";
import type { RouteDocument } from "./described.ts";
import { documentInput } from "./document-input.ts";
import { jsonSchema } from "./json-schema.ts";

/** An operation as the OpenAPI document has it. */
export function documentOperation(operation: AnyOperation): RouteDocument {
  const { id, summary, method, scope, output, startsRun } = operation;
  const status = startsRun === true ? 202 : 200;
  const description = startsRun === true ? "The run has begun" : "Done";
  const content = { "application/json": { schema: jsonSchema(output, "output") } };
  return {
    operationId: id,
    summary,
    "x-scope": scope,
    ...documentInput(operation, method === "get" || method === "delete"),
    responses: { [status]: { description, content } },
  };
}
