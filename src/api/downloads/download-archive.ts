import { convertFile } from "#jobs/archive/convert-file.ts";
import { knownChecksum } from "#jobs/backup/archive-checksum.ts";
import { openBackup } from "#jobs/backup/open-backup.ts";
import type { OpenLocation } from "#operations/services.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { atLocation } from "#operations/at-location.ts";
import { ringPassword } from "#operations/ring-password.ts";
import { attachmentNamed } from "./content-disposition.ts";
import type { DownloadRequest } from "./download-request.ts";
import { sourceAnswer } from "./source-answer.ts";
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
  return sourceAnswer(
    source,
    { ...found, checksum: knownChecksum(found)?.value },
    { request, stack },
  );
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
