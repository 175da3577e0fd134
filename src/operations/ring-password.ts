import type { AskPassword } from "#jobs/archive/open-archive-file.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { unlock } from "#keys/unlock.ts";
import type { HomeContext } from "./home-context.ts";

/** What opens an encrypted archive: a password that was given, else a key of the ring. Nobody is asked. */
export function ringPassword(
  { services, place }: HomeContext,
  given: string | undefined,
): AskPassword {
  const sources = {
    given: async () => given,
    ring: new OpenRing(services.keyRing(place)),
    matched: () => undefined,
    ask: async () => undefined,
  };
  return (lock) => unlock(lock, sources);
}
