import type { ObjectEntries } from "valibot";
import type { AnyOperation } from "#operations/operation.ts";
import type { RouteDocument } from "./described.ts";
import { jsonSchema } from "./json-schema.ts";

/** An operation as the OpenAPI document has it. */
export function documentOperation(operation: AnyOperation): RouteDocument {
  const { id, summary, method, path, scope, input, output, startsRun } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const others = Object.entries(input.entries).filter(([name]) => !inPath.includes(name));
  const asks = method === "get" || method === "delete";
  const parameters = [
    ...inPath.map((name) => parameter("path", name, input.entries)),
    ...(asks ? others.map(([name]) => parameter("query", name, input.entries)) : []),
  ];
  const status = startsRun === true ? 202 : 200;
  const description = startsRun === true ? "The run has begun" : "Done";
  const content = { "application/json": { schema: jsonSchema(output, "output") } };
  return {
    operationId: id,
    summary,
    "x-scope": scope,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(asks || others.length === 0 ? {} : { requestBody: bodyOf(others) }),
    responses: { [status]: { description, content } },
  };
}

function parameter(place: "path" | "query", name: string, entries: ObjectEntries): unknown {
  const entry = entries[name];
  if (entry === undefined) throw new Error(`${name} is no property of the input`);
  const required = place === "path" || isRequired(entry);
  return { name, in: place, required, schema: jsonSchema(entry, "input") };
}

function bodyOf(entries: readonly (readonly [string, ObjectEntries[string]])[]): unknown {
  const required = entries.filter(([, entry]) => isRequired(entry)).map(([name]) => name);
  const properties = entries.map(([name, entry]) => [name, jsonSchema(entry, "input")]);
  const schema = {
    type: "object",
    properties: Object.fromEntries(properties) as Readonly<Record<string, unknown>>,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
  return { required: required.length > 0, content: { "application/json": { schema } } };
}

function isRequired({ type }: ObjectEntries[string]): boolean {
  return type !== "optional";
}
