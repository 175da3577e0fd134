import { SafehouseError } from "#core/model/problem.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import type { IndexStore } from "../ports.ts";
import { fingerprintOf, type OpenArchive } from "../read/open-archive.ts";
import { openIndex, type ArchiveIndex } from "./index-reader.ts";

/** What the stores know of an archive. */
export interface FoundIndex {
  readonly index: ArchiveIndex | undefined;
  /** Why an index that is there cannot be used, as sentences. */
  readonly warnings: readonly string[];
}

/** Looks through the stores for an index that belongs to this very archive. */
export async function findIndex(
  archive: OpenArchive,
  stores: readonly IndexStore[],
  keys: PasswordKeys | undefined,
): Promise<FoundIndex> {
  const warnings: string[] = [];
  for (const store of stores) {
    const source = await store.open(archive.metadata.slug);
    if (source === undefined) continue;
    try {
      const index = await openIndex(source, keys === undefined ? undefined : keys.deriveKey.bind(keys));
      if (index.fingerprint === (await fingerprintOf(archive))) return { index, warnings: [] };
      warnings.push("There is an index for this backup, but the archive has changed since it was made");
    } catch (error) {
      if (!(error instanceof SafehouseError)) throw error;
      warnings.push(`There is an index for this backup, but it cannot be used: ${error.message}`);
    }
    await source.close();
  }
  return { index: undefined, warnings };
}
