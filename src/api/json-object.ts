import type { HonoRequest } from "hono";
import { SafehouseError } from "#core/model/problem.ts";
import { HttpProblem } from "./http-problem.ts";

const largestBody = 4 * 1024 * 1024;

/**
 * The object in the body of a request, an empty one for an empty body. Rejects with `usage`, also for more than 4 MiB.
 * Hono's own `bodyLimit` makes a new request of one whose length is not announced, a DELETE for example, and fails with
 * requests as our server has them.
 */
export async function readJsonObject({
  raw,
}: Pick<HonoRequest, "raw">): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(raw.body ?? new Blob([]).stream());
  const body: unknown = text.trim() === "" ? {} : parseJson(text);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
  throw new SafehouseError("usage", "The body of the request is no JSON object");
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body) {
    length += piece.length;
    if (length > largestBody)
      throw new HttpProblem(
        { status: 413 },
        { problem: "usage", message: "The body of the request is too large" },
      );
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
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
