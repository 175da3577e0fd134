import { partName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { ReportProgress } from "#core/ports.ts";
import type { InnerArchive, OpenArchive } from "../read/open-archive.ts";
import { checkPassword, knownEncryptionOf } from "../read/check-password.ts";
import type { ReadAccess } from "../read/read-part.ts";
import { checkContent, type ContentOptions } from "./check-content.ts";
import { checkStructure } from "./check-structure.ts";
import {
  worstVerdict,
  type PartReport,
  type VerifyLevel,
  type VerifyReport,
} from "./verify-report.ts";

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
export async function verifyArchive(
  archive: OpenArchive,
  options: VerifyOptions,
): Promise<VerifyReport> {
  const { metadata } = archive;
  const access = { ...options.access, unlocked: await isUnlocked(archive, options.access) };
  const parts: PartReport[] = [];
  for (const inner of archive.inner)
    parts.push(await checkPart(archive, inner, { ...options, access }));
  for (const part of archive.missing) {
    const message = "Listed in backup.json, but its inner archive is not there";
    const problems = [{ path: undefined, message }];
    parts.push({
      part: partName(part),
      member: undefined,
      verdict: "missing",
      files: 0,
      bytes: 0,
      problems,
    });
  }
  return {
    slug: metadata.slug,
    name: metadata.name,
    level: options.level,
    verdict: worstVerdict(
      parts.filter((part) => counts(archive, part)).map(({ verdict }) => verdict),
    ),
    indexed: options.access.index !== undefined,
    parts,
    warnings: await warnings(archive),
  };
}

/**
 * An encrypted index that was opened proves the password as well as an inner archive does. Without any
 * that takes the password it is wrong, or missing, and reading will say so.
 */
async function isUnlocked(archive: OpenArchive, { keys, index }: ReadAccess): Promise<boolean> {
  if (keys !== undefined && index?.header.key !== undefined) return true;
  try {
    await checkPassword(archive, archive.inner, keys);
    return true;
  } catch (error) {
    if (error instanceof SafehouseError) return false;
    throw error;
  }
}

/**
 * A Supervisor leaves the beginning of a part behind that failed while it was backed up, and does not name
 * it in `backup.json`: that is no damage to the backup.
 */
function counts({ inner }: OpenArchive, { member, verdict }: PartReport): boolean {
  return verdict !== "damaged" || inner.some((one) => one.member === member && one.listed);
}

function checkPart(
  archive: OpenArchive,
  inner: InnerArchive,
  options: ContentOptions,
): Promise<PartReport> {
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
  const { member, part, size } = inner;
  const report = { part: partName(part), member, files: 0, bytes: 0 };
  if (size > 0) return { ...report, verdict: "present", problems: [] };
  const message = "It is empty: it was never finished";
  return { ...report, verdict: "damaged", problems: [{ path: undefined, message }] };
}

async function warnings(archive: OpenArchive): Promise<string[]> {
  const found: string[] = archive.inner
    .filter(({ listed }) => !listed)
    .map(({ member }) => `${member} is in the archive, but backup.json does not name it`);
  found.push(
    ...archive.strangers.map((member) => `${member} belongs to no part, so it was left alone`),
  );
  for (const inner of archive.inner) {
    const kind = await knownEncryptionOf(archive, inner);
    const encrypted = kind !== "none";
    // In a backup that is not protected v1 is but the name of what cannot be recognised.
    if (kind === undefined || kind === "v1" || encrypted === archive.metadata.protected) continue;
    found.push(
      `${inner.member} is ${encrypted ? "" : "not "}encrypted, although backup.json says that the backup is ${encrypted ? "not " : ""}protected`,
    );
  }
  return found;
}
