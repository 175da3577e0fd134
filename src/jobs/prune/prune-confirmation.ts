import { createHash } from "node:crypto";
import type { PruneStop } from "#core/retention/brake-prune.ts";

/**
 * What a person types to agree to a prune that was stopped. It holds for these backups at this location and
 * for nothing else: if another one would go, or one less, it is another word.
 */
export function pruneConfirmation(location: string, { confirmation }: PruneStop): string {
  const hash = createHash("sha256").update(`${location}\n${confirmation}`);
  return hash.digest("hex").slice(0, 12);
}
