import type { ByteSource } from "#core/ports.ts";
import type { StoredArchive } from "../backups/backups-port.ts";
import { byteRange, type ByteRange } from "./byte-range.ts";

/**
 * An archive as the answer to a request: whole, a range of it, or nothing of it for `HEAD`, for a range outside
 * of it and for whoever has it already. The source is closed when the answer is over.
 */
export async function archiveResponse(
  request: Request,
  archive: StoredArchive,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const { source } = archive;
  const { status, range } = decide(request, archive);
  const body = status === 200 || status === 206 ? range : undefined;
  const answer = new Headers({ ...headers, ...validators(archive) });
  if (status === 416) answer.set("Content-Range", `bytes */${source.size}`);
  if (body !== undefined) {
    answer.set("Content-Length", String(body.length));
    const last = body.offset + body.length - 1;
    if (status === 206) answer.set("Content-Range", `bytes ${body.offset}-${last}/${source.size}`);
  }
  if (body !== undefined && request.method !== "HEAD")
    return new Response(streamOf(source, body), { status, headers: answer });
  await source.close();
  return new Response(null, { status, headers: answer });
}

function validators({ modifiedAt, version }: StoredArchive): Record<string, string> {
  return {
    "Accept-Ranges": "bytes",
    ETag: `"${version}"`,
    "Last-Modified": httpDate(modifiedAt),
  };
}

interface Decision {
  readonly status: 200 | 206 | 304 | 416;
  readonly range: ByteRange;
}

function decide({ headers }: Request, archive: StoredArchive): Decision {
  const whole = { offset: 0, length: archive.source.size };
  if (isKnown(headers.get("If-None-Match"), archive)) return { status: 304, range: whole };
  const wanted = headers.get("Range");
  if (wanted === null || !isStill(headers.get("If-Range"), archive))
    return { status: 200, range: whole };
  const range = byteRange(wanted, archive.source.size);
  if (range === undefined) return { status: 200, range: whole };
  return range === "none" ? { status: 416, range: whole } : { status: 206, range };
}

function isKnown(header: string | null, { version }: StoredArchive): boolean {
  const tags = header?.split(",").map((tag) => tag.trim().replace(/^W\//, "")) ?? [];
  return tags.includes("*") || tags.includes(`"${version}"`);
}

/** Weak tags and other dates stand for another content: then the client gets the whole. */
function isStill(header: string | null, { version, modifiedAt }: StoredArchive): boolean {
  return header === null || header === `"${version}"` || header === httpDate(modifiedAt);
}

function httpDate(time: number): string {
  return new Date(time).toUTCString();
}

const blockSize = 1024 * 1024;

function streamOf(source: ByteSource, { offset, length }: ByteRange): ReadableStream<Uint8Array> {
  const end = offset + length;
  let position = offset;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const block = await source.read(position, Math.min(blockSize, end - position));
          if (block.length === 0) throw new Error("The archive has become shorter");
          position += block.length;
          controller.enqueue(block);
        } catch (error) {
          await source.close();
          throw error;
        }
        if (position < end) return;
        controller.close();
        await source.close();
      },
      cancel: () => source.close(),
    },
    { highWaterMark: 1 },
  );
}
