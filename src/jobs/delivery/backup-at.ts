import { SafehouseError } from "#core/model/problem.ts";
import type { RunBackup } from "#core/model/run.ts";
import type { ArchiveLocation } from "#location/archive-location.ts";
import type { CopyTools } from "./carry-out-copies.ts";
import { fromAnySource } from "./from-any-source.ts";
import { SourceFailure } from "./source-failure.ts";

/**
 * The backup of that slug or file name, as the first of those locations has it that can be asked. Rejects with
 * `not-found`, with `damaged` for one that cannot be read, and as the first location does if none can be asked.
 * @param sources ids of locations, likeliest first
 */
export async function backupAt(
  reference: string,
  sources: readonly string[],
  { openLocation, signal }: Pick<CopyTools, "openLocation" | "signal">,
): Promise<RunBackup> {
  // Why one was passed over is told when the copy is taken from another one.
  const tools = { openLocation, signal, log: () => undefined };
  return fromAnySource(sources, tools, (location) =>
    SourceFailure.of(findAt(location, reference, signal)),
  );
}

async function findAt(
  location: ArchiveLocation,
  reference: string,
  signal: AbortSignal,
): Promise<RunBackup> {
  const { facts, object, problems } = await location.find(reference, signal);
  if (facts !== undefined) return { slug: facts.slug, name: facts.name, fileName: object.key };
  const why = problems[0]?.message ?? "it cannot be read";
  throw new SafehouseError("damaged", `${object.key} at ${location.id} is damaged: ${why}`, {
    subject: object.key,
  });
}
