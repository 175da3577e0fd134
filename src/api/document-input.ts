import type { ObjectEntries } from "valibot";
import type { AnyOperation } from "#operations/operation.ts";
import type { RouteDocument } from "./described.ts";
import { jsonSchema } from "./json-schema.ts";

/**
 * What a route takes, as the OpenAPI document has it: names in braces stand in the path.
 * @param inQuery the others stand in the query; else they are the body
 */
export function documentInput(
  { path, input }: Pick<AnyOperation, "path" | "input">,
  inQuery: boolean,
): RouteDocument {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const others = Object.entries(input.entries).filter(([name]) => !inPath.includes(name));
  const parameters = [
    ...inPath.map((name) => parameter("path", name, input.entries)),
    ...(inQuery ? others.map(([name]) => parameter("query", name, input.entries)) : []),
  ];
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(inQuery || others.length === 0 ? {} : { requestBody: bodyOf(others) }),
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
