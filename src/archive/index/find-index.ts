import { SafehouseError } from "#core/model/problem.ts";
import type { ByteSource } from "#core/ports.ts";
import type { PasswordKeys } from "#format/securetar/password-keys.ts";
import type { IndexStore } from "../ports.ts";
import { encryptionOf } from "../read/encryption-of.ts";
import { fingerprintOf, type OpenArchive } from "../read/open-archive.ts";
import { openIndex, type ArchiveIndex } from "./index-reader.ts";

/** What the stores know of an archive. */
export interface FoundIndex {
  readonly index: ArchiveIndex | undefined;
  /** Why an index that is there cannot be used, as sentences. */
  readonly warnings: readonly string[];
}

/** Looks through the stores for an index that is sound and belongs to this very archive. */
export async function findIndex(
  archive: OpenArchive,
  stores: readonly IndexStore[],
  keys: PasswordKeys | undefined,
): Promise<FoundIndex> {
  const warnings: string[] = [];
  for (const store of stores) {
    let source: ByteSource | undefined;
    try {
      source = await store.open(archive.metadata.slug);
      if (source === undefined) continue;
      const index = await openIndex(
        source,
        keys === undefined ? undefined : keys.deriveKey.bind(keys),
      );
      if (index.fingerprint === (await fingerprintOf(archive))) {
        await index.check();
        await mustFit(index, archive, keys !== undefined);
        return { index, warnings: [] };
      }
      warnings.push(
        "There is an index for this backup, but the archive has changed since it was made",
      );
    } catch (error) {
      if (!isFailure(error)) throw error;
      warnings.push(`There is an index for this backup, but it cannot be used: ${error.message}`);
    }
    await source?.close();
  }
  return { index: undefined, warnings };
}

/** Failures of a place are no faults of this program either: all of them say what their problem is. */
function isFailure(error: unknown): error is Error {
  return error instanceof Error && "problem" in error;
}

/** An index can be a stranger's work like the archive that it lies beside: what it says has to fit. */
async function mustFit(
  index: ArchiveIndex,
  archive: OpenArchive,
  encrypted: boolean,
): Promise<void> {
  // Anybody can write one that is not encrypted, and nothing of an encrypted backup may depend on it.
  if (encrypted && index.header.key === undefined)
    throw new SafehouseError("damaged", "it is not encrypted, although the backup is");
  for (const inner of archive.inner) {
    const part = await index.part(inner.member);
    if (part === undefined) continue;
    const { kind } = await encryptionOf(archive, inner);
    const fits =
      part.offset === inner.offset && part.size === inner.size && part.encryption === kind;
    if (fits && part.plainSize <= inner.size) continue;
    throw new SafehouseError("damaged", `The index says what is not true of ${inner.member}`);
  }
}
