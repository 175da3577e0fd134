import { SafehouseError } from "#core/model/problem.ts";
import type { RunBackup } from "#core/model/run.ts";
import type { CopyTools } from "./carry-out-copies.ts";

/**
 * The backup of that slug or file name at a location, by its id. Rejects with `not-found`, and with `damaged` for one
 * that cannot be read.
 */
export async function backupAt(
  { backup, from }: { readonly backup: string; readonly from: string },
  { openLocation, signal }: Pick<CopyTools, "openLocation" | "signal">,
): Promise<RunBackup> {
  const location = await openLocation(from, signal);
  const { facts, object, problems } = await location.find(backup, signal);
  if (facts !== undefined) return { slug: facts.slug, name: facts.name, fileName: object.key };
  const why = problems[0]?.message ?? "it cannot be read";
  throw new SafehouseError("damaged", `${object.key} at ${from} is damaged: ${why}`, {
    subject: object.key,
  });
}
