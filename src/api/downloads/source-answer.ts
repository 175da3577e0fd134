import type { ByteSource } from "#core/ports.ts";
import { archiveEtag } from "./archive-etag.ts";
import { bodyOf } from "./body-of.ts";
import { rangeWanted } from "./byte-range.ts";
import { attachmentNamed } from "./content-disposition.ts";
import type { DownloadRequest } from "./download-request.ts";
import { storedBytes } from "./stored-bytes.ts";

/** Which archive a source has the bytes of. */
export interface SentArchive {
  readonly object: {
    readonly key: string;
    readonly version: string;
    /** Milliseconds since 1970. */
    readonly modifiedAt: number;
  };
  /** SHA-256, hexadecimal; undefined if not known. */
  readonly checksum: string | undefined;
}

export interface SourceTools {
  readonly request: DownloadRequest;
  /** Closes what is open for the bytes. What the answer still needs is taken out of it. */
  readonly stack: AsyncDisposableStack;
}

/** Answers with the bytes of an archive, or with the range of them that is asked for of this version. */
export function sourceAnswer(
  source: ByteSource,
  { object, checksum }: SentArchive,
  { request, stack }: SourceTools,
): Response {
  const { size } = source;
  const etag = archiveEtag(object);
  const modified = new Date(object.modifiedAt);
  const headers = new Headers({
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-cache",
    ETag: etag,
    ...(Number.isNaN(modified.getTime()) ? {} : { "Last-Modified": modified.toUTCString() }),
  });
  if (namesTag(request.header("If-None-Match"), etag))
    return new Response(null, { status: 304, headers });
  const ifRange = request.header("If-Range");
  const range = rangeWanted(
    ifRange === undefined || ifRange === etag ? request.header("Range") : undefined,
    size,
  );
  if (range === "unsatisfiable") {
    headers.set("Content-Range", `bytes */${size}`);
    return new Response(null, { status: 416, headers });
  }
  const { offset, length } = range ?? { offset: 0, length: size };
  if (range !== undefined)
    headers.set("Content-Range", `bytes ${offset}-${offset + length - 1}/${size}`);
  headers.set("Content-Type", "application/x-tar");
  headers.set("Content-Disposition", attachmentNamed(object.key));
  headers.set("Content-Length", String(length));
  headers.set("X-Content-Type-Options", "nosniff");
  if (checksum !== undefined)
    headers.set("Repr-Digest", `sha-256=:${Buffer.from(checksum, "hex").toString("base64")}:`);
  const status = range === undefined ? 200 : 206;
  if (request.headOnly) return new Response(null, { status, headers });
  const kept = stack.move();
  const body = bodyOf(storedBytes(source, { offset, length }), {
    close: () => kept.disposeAsync(),
    breakOff: request.breakOff,
  });
  return new Response(body, { status, headers });
}

/** Whether an `If-None-Match` header names this version, weakly or not. */
function namesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((tag) => ["*", etag, `W/${etag}`].includes(tag.trim()));
}
