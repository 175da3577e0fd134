import type { UploadTarget } from "#api/supervisor/backups/backups-port.ts";
import { receiveStream } from "#api/uploads/receive-stream.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { copyBackup } from "#jobs/delivery/copy-backup.ts";
import type { Uploaded } from "#jobs/backup/upload-backup.ts";
import { atLocation } from "#operations/at-location.ts";
import { inOwnWords, withLocations, type HomeTools } from "./home-tools.ts";
import { locationNamed, type NamedLocation } from "./named-locations.ts";
import { operationLocation } from "./operation-location.ts";
import { currentKeys } from "#operations/keys/current-keys.ts";

/**
 * Takes an archive over to the first location and copies it to the others; its slug. Rejects with nothing left if
 * it is none, and with `incomplete` if it came to the first location and not to all others.
 */
export async function takeUpload(
  body: AsyncIterable<Uint8Array>,
  { locations: [firstName, ...otherNames], fileName }: UploadTarget,
  tools: HomeTools,
): Promise<string> {
  const { services } = tools.context;
  return withLocations(tools, async (all) => {
    const first = locationNamed(all, firstName);
    const others = otherNames.map((name) => locationNamed(all, name));
    const { location } = operationLocation(first);
    const stream = { body, size: undefined, fileName, location };
    const uploaded = await inOwnWords(services, () => receiveStream(stream, tools.context));
    if (others.length > 0) await copyTo(others, { uploaded, first }, tools);
    return uploaded.slug;
  });
}

async function copyTo(
  others: readonly NamedLocation[],
  { uploaded, first }: { readonly uploaded: Uploaded; readonly first: NamedLocation },
  { context }: HomeTools,
): Promise<void> {
  const { services, signal } = context;
  const place = atLocation(context, operationLocation(first).location);
  await using open = await services.openPlaces(place);
  await using runs = await services.openRuns(place);
  const { copies } = await copyBackup(
    {
      backup: uploaded.file,
      from: [open.chosen],
      to: others.map(({ id }) => id),
      // Nobody may know its password here.
      verify: false,
    },
    {
      runs: runs.tools,
      openLocation: open.openLocation,
      installation: await open.installationId(),
      ...open.tools,
      newKeys: currentKeys(context),
      askPassword: async () => undefined,
      report: () => undefined,
      signal,
    },
  );
  const failed = copies.find(({ error }) => error !== undefined);
  if (failed === undefined) return;
  const name = others.find(({ id }) => id === failed.location)?.name ?? failed.location;
  throw new SafehouseError(
    "incomplete",
    `Backup ${uploaded.slug} has arrived at ${first.name}, but not at ${name}: ${failed.error?.message ?? "it failed"}`,
    { subject: uploaded.slug },
  );
}
