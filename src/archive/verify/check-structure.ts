import { partName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { InnerArchive, OpenArchive } from "../read/open-archive.ts";
import { readPart, type ReadAccess } from "../read/read-part.ts";
import type { PartReport } from "./verify-report.ts";

/**
 * Opens an inner archive and reads its first entries: header, password, compression and tar fit
 * together. What follows is not read.
 */
export async function checkStructure(archive: OpenArchive, inner: InnerArchive, access: ReadAccess): Promise<PartReport> {
  const report = { part: partName(inner.part), member: inner.member, files: 0, bytes: 0 };
  try {
    for await (const events of readPart(archive, inner, { keys: access.keys, index: undefined })) {
      if (events.length > 0) break;
    }
    return { ...report, verdict: "present", problems: [] };
  } catch (error) {
    return { ...report, verdict: "damaged", problems: [{ path: undefined, message: damageMessage(error) }] };
  }
}

/** Text of an error that is about the archive; every other error is thrown again. */
export function damageMessage(error: unknown): string {
  const about = error instanceof SafehouseError && ["damaged", "truncated", "unknown-version"].includes(error.problem);
  if (!about) throw error;
  return error.message;
}
