import type { ArchiveIndex } from "../index/index-reader.ts";
import type { IndexWriter } from "../index/index-writer.ts";
import type { ConvertedArchive } from "./convert-archive.ts";

/**
 * Makes the index of an archive that was written anew from the one that it had: the same files with the same tags, in
 * inner archives that lie elsewhere. False, and nothing is kept, where it knows other inner archives than were taken over
 * as they were.
 */
export async function carryIndex(
  from: ArchiveIndex,
  { fingerprint, encryption, written }: ConvertedArchive,
  to: IndexWriter,
): Promise<boolean> {
  try {
    for (const member of from.members()) {
      const place = written.get(member);
      const part = await from.part(member);
      if (place === undefined || part === undefined) {
        await to.abort();
        return false;
      }
      for await (const entries of from.entries(member))
        for (const entry of entries) await to.add(member, entry);
      await to.endPart({ ...part, ...place, encryption });
    }
    const madeBy = from.provesContent ? "writing" : "reading";
    await to.commit(fingerprint, { contentKey: from.contentKey, madeBy });
    return true;
  } catch (error) {
    await Promise.allSettled([to.abort()]);
    throw error;
  }
}
