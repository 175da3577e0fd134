import { SafehouseError } from "#core/model/problem.ts";
import { FirstPart } from "./first-part.ts";

/**
 * The file in a multipart request, as it comes in: the content of the first part. Ends only when the file has
 * come whole, and rejects with `truncated` if it has not; what stands behind it is read and dropped.
 */
export async function* uploadedFile(request: Request): AsyncGenerator<Uint8Array, void> {
  const part = new FirstPart(boundaryOf(request.headers.get("Content-Type") ?? ""));
  for await (const chunk of arriving(request)) yield* part.push(chunk);
  part.end();
}

/** The boundary that a content type names. Throws `usage` if it is none of a multipart body. */
export function boundaryOf(contentType: string): string {
  const isMultipart = /^\s*multipart\//i.test(contentType);
  const found = /;\s*boundary=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/i.exec(contentType);
  const boundary = found?.[2] ?? found?.[1]?.replaceAll(/\\(.)/g, "$1");
  if (isMultipart && boundary !== undefined && /^[\x20-\x7e]{1,200}$/.test(boundary))
    return boundary;
  throw new SafehouseError("usage", "An upload has to be a multipart/form-data body", {
    advice: "Send the archive as its first part",
  });
}

async function* arriving({ body }: Request): AsyncGenerator<Uint8Array, void> {
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(rejectBroken);
      if (done) return;
      yield value;
    }
  } finally {
    reader.releaseLock();
  }
}

/** A client that goes away is no fault of ours. */
function rejectBroken(cause: unknown): never {
  throw new SafehouseError("truncated", "The upload broke off", {
    advice: "Upload it again",
    cause,
  });
}
