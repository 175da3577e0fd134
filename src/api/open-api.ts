import { toJsonSchema } from "@valibot/to-json-schema";
import type { ObjectEntries } from "valibot";
import type { AnyOperation } from "#operations/operation.ts";
import { problemAnswers } from "./problem-document.ts";

/** A route that is no operation, because bytes flow through it, as the description has it. */
export interface DescribedRoute {
  readonly method: AnyOperation["method"];
  readonly path: AnyOperation["path"];
  /** An OpenAPI operation object without its security. */
  readonly description: Readonly<Record<string, unknown>>;
}

/**
 * The description of the own API as OpenAPI 3.1, made from the schemas that check what comes in. A home's
 * address stands in front of every path.
 */
export function openApi(
  operations: readonly AnyOperation[],
  routes: readonly DescribedRoute[],
  version: string,
): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations)
    (paths[operation.path] ??= {})[operation.method] = describe(operation);
  for (const { method, path, description } of routes)
    (paths[path] ??= {})[method] = { ...description, responses: responsesOf(description) };
  return {
    openapi: "3.1.0",
    info: {
      title: "Safehouse",
      version,
      description: "Backs up, keeps, restores and proves Home Assistant homes",
    },
    servers: [{ url: "/api/v1/homes/home" }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: "safehouse" },
      },
      schemas: { Problem: problemSchema },
    },
  };
}

const problemSchema = {
  type: "object",
  required: ["type", "title", "status", "detail", "problem"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    problem: { enum: [...Object.keys(problemAnswers), "fault"] },
    subject: { type: "string" },
    advice: { type: "string" },
    facts: { type: "object" },
    reference: { type: "string" },
  },
};

const failure = {
  description: "What failed, why, and what to do next",
  content: {
    "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
  },
};

function describe(operation: AnyOperation): unknown {
  const { id, summary, method, path, input, output, startsRun } = operation;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const others = Object.entries(input.entries).filter(([name]) => !inPath.includes(name));
  const asks = method === "get" || method === "delete";
  const parameters = [
    ...inPath.map((name) => parameter("path", name, input.entries)),
    ...(asks ? others.map(([name]) => parameter("query", name, input.entries)) : []),
  ];
  const status = startsRun === true ? "202" : "200";
  const what = startsRun === true ? "The run has begun" : "Done";
  const content = { "application/json": { schema: schemaOf(output, "output") } };
  return {
    operationId: id,
    summary,
    "x-scope": operation.scope,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(asks || others.length === 0 ? {} : { requestBody: bodyOf(others) }),
    responses: { [status]: { description: what, content }, default: failure },
  };
}

function responsesOf(description: Readonly<Record<string, unknown>>): unknown {
  return { ...(description["responses"] as object | undefined), default: failure };
}

function parameter(place: "path" | "query", name: string, entries: ObjectEntries): unknown {
  const entry = entries[name];
  if (entry === undefined) throw new Error(`${name} is no property of the input`);
  return { name, in: place, required: isRequired(entry), schema: schemaOf(entry, "input") };
}

function bodyOf(entries: readonly (readonly [string, ObjectEntries[string]])[]): unknown {
  const required = entries.filter(([, entry]) => isRequired(entry)).map(([name]) => name);
  const schema = {
    type: "object",
    properties: Object.fromEntries(
      entries.map(([name, entry]) => [name, schemaOf(entry, "input")]),
    ),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  };
  return { required: required.length > 0, content: { "application/json": { schema } } };
}

function isRequired(entry: ObjectEntries[string]): boolean {
  return entry.type !== "optional";
}

function schemaOf(schema: ObjectEntries[string], typeMode: "input" | "output"): unknown {
  const { $schema: _, ...json } = toJsonSchema(schema, {
    typeMode,
    errorMode: "ignore",
  });
  return json;
}
