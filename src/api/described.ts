import type { MiddlewareHandler } from "hono";
import type { GenericSchema } from "valibot";
import { jsonSchema } from "./json-schema.ts";

/** An OpenAPI operation object; that every failure is a problem document is added to each. */
export type RouteDocument = Readonly<Record<string, unknown>>;

/** What the OpenAPI document says of a route that answers with JSON. */
export interface RouteDescription {
  /** Under which routes stand together. */
  readonly tag: string;
  /** One line. */
  readonly summary: string;
  /** Status of success, 200 if not given. */
  readonly status?: 200 | 201 | 204;
  /** What comes back; undefined for nothing. */
  readonly answer?: GenericSchema;
}

const documents = new WeakMap<object, RouteDocument>();

/** Stands before the handler of a route, does nothing, and tells the OpenAPI document of the route. */
export function documented(document: RouteDocument): MiddlewareHandler {
  const nothing: MiddlewareHandler = (_, next) => next();
  documents.set(nothing, document);
  return nothing;
}

/** The same for a route that answers with JSON or nothing. */
export function described({
  tag,
  summary,
  status = 200,
  answer,
}: RouteDescription): MiddlewareHandler {
  const schema = answer && jsonSchema(answer, "output");
  const content = schema && { content: { "application/json": { schema } } };
  const responses = { [status]: { description: "Done", ...content } };
  return documented({ tags: [tag], summary, responses });
}

/** Makes a handler tell what it expects, too. */
export function alsoDocumented<Handler extends object>(
  handler: Handler,
  document: RouteDocument,
): Handler {
  documents.set(handler, document);
  return handler;
}

/** What a handler tells the OpenAPI document; undefined for most. */
export function documentOf(handler: object): RouteDocument | undefined {
  return documents.get(handler);
}
