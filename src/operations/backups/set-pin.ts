import { boolean, object, optional, strictObject, string, type InferOutput } from "valibot";
import { atEachCopy } from "#jobs/locations/at-each-copy.ts";
import { chosenCopies } from "#jobs/locations/chosen-copies.ts";
import type { pinBackup } from "#jobs/notes/pin-backup.ts";
import { atLocation } from "../at-location.ts";
import type { HomeContext } from "../home-context.ts";
import { listOf } from "../schema/list-of.ts";
import { backupReference, givenId } from "../schema/names.ts";
import { copyOutcomeSchema } from "./copy-outcome-schema.ts";

export const pinInput = strictObject({ backup: backupReference, location: optional(givenId) });

export const pinned = object({
  slug: optional(string()),
  name: optional(string()),
  pinned: boolean(),
  copies: listOf(copyOutcomeSchema),
});

/** Pins or unpins each copy of a backup that is meant. */
export async function setPin(
  { backup: reference, location: wanted }: InferOutput<typeof pinInput>,
  context: HomeContext,
  set: typeof pinBackup,
): Promise<Omit<InferOutput<typeof pinned>, "pinned">> {
  const { signal } = context;
  await using open = await context.services.openLocations(atLocation(context, wanted));
  const { locations, clock } = open;
  const found = await chosenCopies(open, reference, signal);
  const copies = await atEachCopy(found, { locations, signal }, (location, file) =>
    set(location, file, { clock, signal }),
  );
  const { slug, name } = found.backup;
  return { slug, name, copies };
}
