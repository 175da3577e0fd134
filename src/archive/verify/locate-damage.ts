import { SafehouseError } from "#core/model/problem.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import type { ArchiveIndex } from "../index/index-reader.ts";
import type { IndexedPart } from "../index/index-record.ts";
import type { OpenArchive } from "../read/open-archive.ts";
import { canEnter, IndexedFileReader } from "../read/read-file.ts";
import type { DamagedFile } from "./verify-report.ts";

export interface DamageOptions {
  readonly part: IndexedPart;
  readonly index: ArchiveIndex;
  readonly keys: PasswordKeys | undefined;
  readonly signal: AbortSignal;
}

/** At most so many damaged files are named one by one. */
const longestList = 1000;

/**
 * Reads every file of a part by itself, past the damage, and names those that are not what was backed
 * up. Empty when the part cannot be entered in the middle, or when the damage lies in no file.
 */
export async function locateDamage(
  archive: OpenArchive,
  options: DamageOptions,
): Promise<readonly DamagedFile[]> {
  const { part, index, keys, signal } = options;
  if (!canEnter(part)) return [];
  const damaged: DamagedFile[] = [];
  const reader = await IndexedFileReader.open(archive, part, { index, keys });
  for await (const entries of index.entries(part.member)) {
    for (const entry of entries) {
      signal.throwIfAborted();
      if (entry.entry.type !== "file" || damaged.length >= longestList) continue;
      const message = await damageOf(reader.read(entry));
      if (message !== undefined) damaged.push({ path: entry.entry.path, message });
    }
  }
  return damaged;
}

async function damageOf(content: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  try {
    for await (const _ of content);
    return undefined;
  } catch (error) {
    if (
      error instanceof SafehouseError &&
      (error.problem === "damaged" || error.problem === "truncated")
    ) {
      return error.message;
    }
    throw error;
  }
}
