import { partName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { InnerArchive, OpenArchive } from "../read/open-archive.ts";
import { readPart, type ReadAccess } from "../read/read-part.ts";
import type { PartReport } from "./verify-report.ts";

/**
 * Opens an inner archive and reads its first entries: header, password, compression and tar fit
 * together. What follows is not read.
 */
export async function checkStructure(
  archive: OpenArchive,
  inner: InnerArchive,
  access: VerifyAccess,
): Promise<PartReport> {
  const report = { part: partName(inner.part), member: inner.member, files: 0, bytes: 0 };
  try {
    for await (const events of readPart(archive, inner, { keys: access.keys, index: undefined })) {
      if (events.length > 0) break;
    }
    return { ...report, verdict: "present", problems: [] };
  } catch (error) {
    return {
      ...report,
      verdict: "damaged",
      problems: [{ path: undefined, message: damageMessage(error, access) }],
    };
  }
}

/** How an archive is read to be verified. */
export interface VerifyAccess extends ReadAccess {
  /** True if the password is known to be right, or if none is needed. */
  readonly unlocked: boolean;
}

/** Text of an error that is about the archive; every other error is thrown again. */
export function damageMessage(error: unknown, { unlocked }: VerifyAccess): string {
  if (!(error instanceof SafehouseError)) throw error;
  const { problem, message } = error;
  if (problem === "damaged" || problem === "truncated" || problem === "unknown-version")
    return message;
  if (unlocked && problem === "wrong-password") {
    return "Its first bytes are damaged: the password is right, but does not open it";
  }
  if (unlocked && problem === "password-needed") {
    return "Its first bytes are damaged: they are those of no inner archive";
  }
  throw error;
}
