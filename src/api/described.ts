import type { MiddlewareHandler } from "hono";
import { describeRoute, resolver } from "hono-openapi";
import type { OpenAPIV3_1 } from "openapi-types";
import type * as v from "valibot";

/** What the OpenAPI document says of a route. */
export interface RouteDescription {
  /** Under which routes stand together. */
  readonly tag: string;
  /** One line. */
  readonly summary: string;
  /** Status of success, 200 if not given. */
  readonly status?: 200 | 201 | 204;
  /** What comes back; undefined for nothing. */
  readonly answer?: v.GenericSchema;
}

/** Describes a route in the OpenAPI document: its success, and that every failure is a problem document. */
export function described({
  tag,
  summary,
  status = 200,
  answer,
}: RouteDescription): MiddlewareHandler {
  const content = answer && { content: { "application/json": { schema: resolver(answer) } } };
  const problem = { "application/problem+json": { schema: problemSchema } };
  return describeRoute({
    tags: [tag],
    summary,
    responses: {
      [status]: { description: "Done", ...content },
      default: { description: "A problem document (RFC 9457)", content: problem },
    },
  });
}

const problemSchema: OpenAPIV3_1.SchemaObject = {
  type: "object",
  required: ["type", "title", "status", "detail", "problem"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    problem: { type: "string" },
    subject: { type: "string" },
    advice: { type: "string" },
    facts: { type: "object" },
    reference: { type: "string" },
  },
};
