import type { Content, Resume, StoredObject } from "#storage/provider.ts";
import type { InspectionTools } from "./inspect-objects.ts";

export interface ArchiveContent extends Pick<Content, "open"> {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

type UploadTools = Pick<InspectionTools, "storage" | "place" | "uploads">;

/**
 * Puts a whole archive at a place. What was cut goes on at the next attempt where the place can; what was cancelled leaves
 * nothing. Rejects as the place does.
 */
export async function uploadArchive(
  tools: UploadTools,
  { key, ...content }: ArchiveContent,
  signal: AbortSignal,
): Promise<StoredObject> {
  const { storage, place, uploads } = tools;
  if (storage.features.resumable !== true) return storage.write(key, content, signal);
  let state = await uploads.read(place, key);
  const keep = async (kept: string): Promise<void> => {
    state = kept;
    await uploads.keep(place, key, kept);
  };
  // Whoever tries again with the same content goes on from what was kept since.
  const resume: Resume = {
    get state() {
      return state;
    },
    keep,
  };
  try {
    const stored = await storage.write(key, { ...content, resume }, signal);
    await uploads.forget(place, key);
    return stored;
  } catch (error) {
    if (signal.aborted) await discard(tools, key, state);
    throw error;
  }
}

/** The caller has cancelled, so its signal has no say in giving the space back. */
async function discard(
  { storage, place, uploads }: UploadTools,
  key: string,
  state: string | undefined,
): Promise<void> {
  if (state !== undefined) await storage.discard?.(key, state, AbortSignal.timeout(discardInMs));
  await uploads.forget(place, key);
}

/** A place that does not answer keeps what it has, until it is a leftover. */
const discardInMs = 5000;
