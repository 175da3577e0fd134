import type { Env, Hono } from "hono";
import { documentOf, type RouteDocument } from "./described.ts";
import { problemAnswers } from "./problem-document.ts";

/** What is said of each route, by path and then by method. */
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RouteDocument>>>>;
  readonly [name: string]: unknown;
}

/**
 * The description of the API as OpenAPI 3.1, from what its routes tell of themselves. Routes that tell
 * nothing are not in it.
 */
export function openApi<Env_ extends Env>(app: Hono<Env_>, version: string): OpenApiDocument {
  const paths: Record<string, Record<string, RouteDocument>> = {};
  for (const { method, path, handler } of app.routes) {
    const document = documentOf(handler);
    if (document === undefined) continue;
    const template = templateOf(path);
    const route = (paths[template] ??= {});
    const name = method.toLowerCase();
    route[name] = withParameters(withFailure({ ...route[name], ...document }), template);
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Safehouse",
      version,
      description: "Backs up, keeps, restores and proves Home Assistant homes",
    },
    // Relative to the document, so that it holds below the path of a proxy.
    servers: [{ url: "../.." }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: { securitySchemes, schemas: { Problem: problemSchema } },
  };
}

/** `/backups/:backup/` is `/backups/{backup}` there. */
function templateOf(path: string): string {
  const template = path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
  return template.length > 1 ? template.replace(/\/$/, "") : template;
}

/** What stands in the path is text where the route does not tell more of it. */
function withParameters(document: RouteDocument, template: string): RouteDocument {
  const told = (document["parameters"] ?? []) as readonly { readonly name: string }[];
  const untold = Array.from(template.matchAll(/\{(\w+)\}/g), ([, name = ""]) => name)
    .filter((name) => !told.some((parameter) => parameter.name === name))
    .map((name) => ({ name, in: "path", required: true, schema: { type: "string" } }));
  const parameters = [...untold, ...told];
  return parameters.length === 0 ? document : { ...document, parameters };
}

function withFailure(document: RouteDocument): RouteDocument {
  const responses = document["responses"] as object | undefined;
  return { ...document, responses: { ...responses, default: failure } };
}

const securitySchemes = {
  token: { type: "http", scheme: "bearer" },
  session: { type: "apiKey", in: "cookie", name: "safehouse" },
};

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
  description: "What failed, why, and what to do next (RFC 9457)",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};
