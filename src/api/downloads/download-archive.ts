import { createHash } from "node:crypto";
import { convertFile } from "#jobs/archive/convert-file.ts";
import { knownChecksum } from "#jobs/backup/archive-checksum.ts";
import { openBackup } from "#jobs/backup/open-backup.ts";
import type { OpenLocation } from "#operations/services.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { atLocation } from "#operations/at-location.ts";
import { ringPassword } from "#operations/ring-password.ts";
import { bodyOf } from "./body-of.ts";
import { rangeWanted } from "./byte-range.ts";
import { attachmentNamed } from "./content-disposition.ts";
import type { DownloadRequest } from "./download-request.ts";
import { storedBytes } from "./stored-bytes.ts";
import { writtenBody } from "./written-body.ts";

export interface DownloadWish {
  /** Slug or file name. */
  readonly backup: string;
  /** Id of the location; the default one without it. */
  readonly location?: string | undefined;
  /** Write it plain, if it is encrypted. */
  readonly decrypt: boolean;
  /** A key of the ring without it. */
  readonly password?: string | undefined;
}

/** What is open as long as bytes are sent. */
interface Opened {
  readonly place: OpenLocation;
  readonly stack: AsyncDisposableStack;
}

/**
 * Answers with an archive: as it lies at the location, where a range may be asked for, or decrypted on the way. What
 * is wrong with the wish rejects; what fails later breaks the connection.
 */
export async function downloadArchive(
  wish: DownloadWish,
  request: DownloadRequest,
  context: HomeContext,
): Promise<Response> {
  await using stack = new AsyncDisposableStack();
  const place = stack.use(await context.services.openLocation(atLocation(context, wish.location)));
  const opened = { place, stack };
  const decrypted = wish.decrypt
    ? await decryptedAnswer(wish, opened, { request, context })
    : undefined;
  return decrypted ?? (await storedAnswer(wish, opened, { request, context }));
}

interface Asked {
  readonly request: DownloadRequest;
  readonly context: HomeContext;
}

async function storedAnswer(
  { backup }: DownloadWish,
  { place, stack }: Opened,
  { request, context }: Asked,
): Promise<Response> {
  const found = await place.location.find(backup, context.signal);
  const source = await place.location.openFound(found, context.signal);
  stack.defer(() => source.close());
  const { size } = source;
  const { key, version } = found.object;
  const etag = `"${createHash("sha256").update(`${key}\0${version}`).digest("hex").slice(0, 32)}"`;
  const headers = new Headers({
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-cache",
    ETag: etag,
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
  headers.set("Content-Disposition", attachmentNamed(key));
  headers.set("Content-Length", String(length));
  headers.set("X-Content-Type-Options", "nosniff");
  const checksum = knownChecksum(found)?.value;
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

/** Undefined for a backup that is not encrypted: it is sent as it is. */
async function decryptedAnswer(
  { backup, password }: DownloadWish,
  { place, stack }: Opened,
  { request, context }: Asked,
): Promise<Response | undefined> {
  const { location, tools } = place;
  const { signal } = context;
  const found = await location.find(backup, signal);
  const askPassword = ringPassword(context, password);
  const file = stack.use(await openBackup(location, found.object.key, { askPassword, signal }));
  if (!file.encrypted) return undefined;
  const name = found.object.key.replace(/\.tar$/, ".decrypted.tar");
  const headers = {
    "Content-Type": "application/x-tar",
    "Content-Disposition": attachmentNamed(name),
    "X-Content-Type-Options": "nosniff",
    // It holds every secret of a home.
    "Cache-Control": "no-store",
    "Accept-Ranges": "none",
  };
  if (request.headOnly) return new Response(null, { headers });
  const { openSpool, openPool } = tools;
  const kept = stack.move();
  const body = writtenBody(
    (put) =>
      convertFile(file, {
        encryption: undefined,
        openSpool,
        openPool,
        openTarget: async () => ({
          patch: "none",
          write: put,
          patchAt: () => Promise.reject(new Error("What was sent cannot be changed")),
          // The body ends, or breaks, by what becomes of the conversion.
          commit: async () => undefined,
          abort: async () => undefined,
        }),
        report: () => undefined,
        signal,
      }),
    { close: () => kept.disposeAsync(), breakOff: request.breakOff },
  );
  return new Response(body, { headers });
}

/** Whether an `If-None-Match` header names this version, weakly or not. */
function namesTag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(",").some((tag) => ["*", etag, `W/${etag}`].includes(tag.trim()));
}
