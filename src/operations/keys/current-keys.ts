import type { BackupKeys } from "#keys/backup-keys.ts";
import { OpenRing } from "#keys/open-ring.ts";
import type { HomeContext } from "../home-context.ts";

/** Asks for the key that new backups of a home are encrypted with; undefined if there is none. */
export function currentKeys({
  services,
  place,
}: Pick<HomeContext, "services" | "place">): () => Promise<BackupKeys | undefined> {
  return async () => (await new OpenRing(services.keyRing(place)).current())?.keys;
}
