import type { Readable } from "node:stream";
import { SafehouseError } from "#core/model/problem.ts";
import { FirstPart } from "./first-part.ts";

/** A request whose body nobody has begun to read. */
export interface UploadRequest {
  readonly headers: Headers;
  /** `Readable` where Node's own stream is at hand: a web stream takes twice the time over gigabytes. */
  readonly body: Readable | ReadableStream<Uint8Array> | null;
}

/**
 * The file in a multipart request, as it comes in: the content of the first part. Ends only when the file has
 * come whole, and rejects with `truncated` if it has not; what stands behind it is read and dropped.
 */
export async function* uploadedFile(request: UploadRequest): AsyncGenerator<Uint8Array, void> {
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

async function* arriving({ body }: UploadRequest): AsyncGenerator<Uint8Array, void> {
  if (body === null) return;
  const chunks = iterate(body);
  try {
    for (;;) {
      const chunk = await chunks.next().catch(rejectBroken);
      if (chunk.done === true) return;
      yield chunk.value;
    }
  } finally {
    await chunks.return?.();
  }
}

/** Whoever stops early leaves the rest alone: with the stream the answer would end, which tells why. */
function iterate(body: NonNullable<UploadRequest["body"]>): AsyncIterator<Uint8Array, unknown> {
  if (body instanceof ReadableStream) return body.values({ preventCancel: true });
  return body.iterator({ destroyOnReturn: false });
}

/** A client that goes away is no fault of ours. */
function rejectBroken(cause: unknown): never {
  throw new SafehouseError("truncated", "The upload broke off", {
    advice: "Upload it again",
    cause,
  });
}
