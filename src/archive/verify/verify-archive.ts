import { partName } from "#core/model/part.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { InnerArchive, OpenArchive } from "../read/open-archive.ts";
import { encryptionOf } from "../read/encryption-of.ts";
import type { ReadAccess } from "../read/read-part.ts";
import { checkContent } from "./check-content.ts";
import { checkStructure } from "./check-structure.ts";
import { worstVerdict, type PartReport, type VerifyLevel, type VerifyReport } from "./verify-report.ts";

export interface VerifyOptions {
  readonly level: VerifyLevel;
  readonly access: ReadAccess;
  readonly report: ReportProgress;
  readonly signal: AbortSignal;
}

/**
 * Checks an archive part by part; one damaged part does not keep the others from being checked.
 * Rejects only with `wrong-password` and `password-needed`, which say nothing about the archive.
 */
export async function verifyArchive(archive: OpenArchive, options: VerifyOptions): Promise<VerifyReport> {
  const { metadata } = archive;
  const parts: PartReport[] = [];
  for (const inner of archive.inner) parts.push(await checkPart(archive, inner, options));
  for (const part of archive.missing) {
    const message = "Listed in backup.json, but its inner archive is not there";
    const problems = [{ path: undefined, message }];
    parts.push({ part: partName(part), member: undefined, verdict: "missing", files: 0, bytes: 0, problems });
  }
  return {
    slug: metadata.slug,
    name: metadata.name,
    level: options.level,
    verdict: worstVerdict(parts.map(({ verdict }) => verdict)),
    indexed: options.access.index !== undefined,
    parts,
    warnings: await warnings(archive),
  };
}

function checkPart(archive: OpenArchive, inner: InnerArchive, options: VerifyOptions): Promise<PartReport> {
  options.signal.throwIfAborted();
  switch (options.level) {
    case "content":
      return checkContent(archive, inner, options);
    case "structure":
      return checkStructure(archive, inner, options.access);
    case "listing":
      return Promise.resolve(present(inner));
  }
}

function present(inner: InnerArchive): PartReport {
  const { member, part } = inner;
  return { part: partName(part), member, verdict: "present", files: 0, bytes: 0, problems: [] };
}

async function warnings(archive: OpenArchive): Promise<string[]> {
  const found: string[] = archive.inner
    .filter(({ listed }) => !listed)
    .map(({ member }) => `${member} is in the archive, but backup.json does not name it`);
  found.push(...archive.strangers.map((member) => `${member} belongs to no part, so it was left alone`));
  for (const inner of archive.inner) {
    const encrypted = (await encryptionOf(archive, inner)).kind !== "none";
    if (encrypted === archive.metadata.protected) continue;
    found.push(
      `${inner.member} is ${encrypted ? "" : "not "}encrypted, although backup.json says that the backup is ${encrypted ? "not " : ""}protected`,
    );
  }
  return found;
}
