import type { AnyOperation } from "#operations/operation.ts";
import { pathSegment } from "./path-segment.ts";

/** A request as it goes over the wire. */
export interface ApiRequest {
  /** In capitals. */
  readonly method: string;
  /** Below `/api/v1/homes/home`, with its query. */
  readonly path: string;
  /** A JSON document; undefined where none goes along. */
  readonly body: string | undefined;
}

/**
 * The request that asks for an operation: names in the path stand there, the rest in the query of GET and
 * DELETE and in the body of everything else. Throws `not-found` for a name that no address can hold.
 */
export function operationRequest(
  { method, path, id }: Pick<AnyOperation, "method" | "path" | "id">,
  input: Readonly<Record<string, unknown>>,
): ApiRequest {
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest.get(name);
    rest.delete(name);
    if (typeof value !== "string") throw new Error(`${id} needs ${name}`);
    return pathSegment(value);
  });
  const asked = { method: method.toUpperCase(), path: address };
  if (method !== "get" && method !== "delete")
    return { ...asked, body: JSON.stringify(Object.fromEntries(rest)) };
  const query = new URLSearchParams(Array.from(rest, ([name, value]) => [name, String(value)]));
  return {
    ...asked,
    path: query.size === 0 ? address : `${address}?${query.toString()}`,
    body: undefined,
  };
}
