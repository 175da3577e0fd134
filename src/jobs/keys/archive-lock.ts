import { checkPassword } from "#archive/read/check-password.ts";
import type { OpenArchive } from "#archive/read/open-archive.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { Lock } from "#keys/open-ring.ts";

/** An archive as keys are tried on it; undefined if it is not encrypted. Told by its bytes, not by what it claims. */
export async function archiveLock(archive: OpenArchive): Promise<Lock | undefined> {
  try {
    await checkPassword(archive, archive.inner, undefined);
    return undefined;
  } catch (error) {
    if (!(error instanceof SafehouseError && error.problem === "password-needed")) throw error;
  }
  return {
    date: archive.metadata.date,
    refusal: async (keys) => {
      try {
        await checkPassword(archive, archive.inner, keys);
        return undefined;
      } catch (error) {
        if (error instanceof SafehouseError) return error;
        throw error;
      }
    },
  };
}
