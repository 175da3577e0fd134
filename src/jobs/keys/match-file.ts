import { SafehouseError } from "#core/model/problem.ts";
import type { RingKey } from "#keys/key-ring-port.ts";
import type { OpenRing } from "#keys/open-ring.ts";
import type { ArchiveTools } from "../archive/archive-tools.ts";
import { openHeaders } from "../archive/open-archive-file.ts";
import { archiveLock } from "./archive-lock.ts";

/** What a backup file is locked with. */
export interface MatchedFile {
  readonly slug: string;
  readonly name: string;
  readonly date: string;
  readonly encrypted: boolean;
  /** The key that opens it; undefined if none is needed. */
  readonly key: RingKey | undefined;
}

/** Finds the key of the ring that opens a backup file. Rejects with `wrong-password` if none does. */
export async function matchFile(
  path: string,
  tools: ArchiveTools,
  ring: OpenRing,
): Promise<MatchedFile> {
  const archive = await openHeaders(path, tools);
  try {
    const { slug, name, date } = archive.metadata;
    const lock = await archiveLock(archive);
    if (lock === undefined) return { slug, name, date, encrypted: false, key: undefined };
    const match = await ring.match(lock);
    if (match === undefined) throw noneOpens(path, (await ring.read()).keys.length);
    return { slug, name, date, encrypted: true, key: match.key };
  } finally {
    await archive.source.close();
  }
}

function noneOpens(path: string, count: number): SafehouseError {
  const none = count === 1 ? "its only key does not fit" : `none of its ${count} keys fits`;
  const why = count === 0 ? "it is empty" : none;
  return new SafehouseError("wrong-password", `The key ring does not open ${path}: ${why}`, {
    subject: path,
    advice:
      "Import the key from the emergency kit of the time when the backup was made: safehouse keys import",
  });
}
