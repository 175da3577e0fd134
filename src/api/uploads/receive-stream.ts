import { SafehouseError } from "#core/model/problem.ts";
import { receiveArchive } from "#jobs/backup/receive-archive.ts";
import type { Uploaded } from "#jobs/backup/upload-backup.ts";
import { atLocation } from "#operations/at-location.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { writeIncoming } from "./write-incoming.ts";

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
    await writeIncoming(name, { body, incoming, signal });
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

/** The connection ended before the body; the signal may not have heard of it yet. */
export function isBroken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNRESET";
}
