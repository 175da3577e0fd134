import { open } from "node:fs/promises";
import { join } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import type { IncomingFiles } from "#jobs/backup/incoming-files.ts";
import { receiveArchive } from "#jobs/backup/receive-archive.ts";
import type { Uploaded } from "#jobs/backup/upload-backup.ts";
import { atLocation } from "#operations/at-location.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { asWriteFailure } from "./upload-failure.ts";

/** An archive that comes in as a stream. */
export interface ArchiveStream {
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes that were announced; undefined if none were. */
  readonly size: number | undefined;
  /** Name of the archive at the location; one made of its date and name without it. */
  readonly fileName: string | undefined;
  /** Id of the location; the default one without it. */
  readonly location: string | undefined;
}

/**
 * Makes a backup of an archive that somebody sends in one go. Rejects with `no-space` before the first byte if
 * so many were announced, and as `receiveArchive` does; then nothing is left of it.
 */
export async function receiveStream(
  { body, size, fileName, location: wanted }: ArchiveStream,
  context: HomeContext,
): Promise<Uploaded> {
  const { services, signal } = context;
  await using place = await services.openLocation(atLocation(context, wanted));
  const { location, incoming } = place;
  if (fileName !== undefined) await location.checkNewName(fileName, signal);
  await incoming.checkRoom(size ?? 0, signal);
  const name = incoming.ownName();
  try {
    await writeAll(name, { body, incoming, signal });
    return await receiveArchive(name, {
      location,
      incoming,
      fileName,
      report: () => undefined,
      signal,
    });
  } catch (error) {
    // The signal may be what ended it.
    await incoming.remove(name, new AbortController().signal);
    if (!signal.aborted && !isBroken(error)) throw error;
    throw new SafehouseError("cancelled", "The sender has gone", { cause: error });
  }
}

async function writeAll(
  name: string,
  {
    body,
    incoming,
    signal,
  }: {
    readonly body: AsyncIterable<Uint8Array>;
    readonly incoming: IncomingFiles;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  await using file = await open(join(await incoming.folder(signal), name), "wx", 0o600);
  let sinceLook = 0;
  for await (const bytes of body) {
    signal.throwIfAborted();
    sinceLook += bytes.length;
    if (sinceLook > lookAfterBytes) {
      await incoming.checkRoom(0, signal);
      sinceLook = 0;
    }
    try {
      for (let done = 0; done < bytes.length;) done += (await file.write(bytes, done)).bytesWritten;
    } catch (error) {
      throw asWriteFailure(error, incoming.location);
    }
  }
}

/** The connection ended before the body; the signal may not have heard of it yet. */
function isBroken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNRESET";
}

const lookAfterBytes = 64 * 1024 * 1024;
