import type { HonoRequest } from "hono";
import { SafehouseError } from "#core/model/problem.ts";

/** Bytes that a JSON body may have. */
export const largestBody = 4 * 1024 * 1024;

/** The object in the body of a request, an empty one for an empty body. Rejects with `usage`. */
export async function readJsonObject(
  req: Pick<HonoRequest, "text">,
): Promise<Readonly<Record<string, unknown>>> {
  const text = await req.text();
  const body: unknown = text.trim() === "" ? {} : parseJson(text);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
  throw new SafehouseError("usage", "The body of the request is no JSON object");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The error quotes the body, which may hold a password.
    if (!(error instanceof SyntaxError)) throw error;
    throw new SafehouseError("usage", "The body of the request is no JSON document");
  }
}
