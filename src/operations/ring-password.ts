import type { AskPassword } from "#jobs/archive/open-archive-file.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { unlock } from "#keys/unlock.ts";
import type { HomeContext } from "./home-context.ts";

/**
 * What opens an encrypted archive: a password that was given, else a key of the ring, else what the person says
 * who waits at the terminal. Where there is none, nobody is asked.
 */
export function ringPassword(
  { services, place, person }: HomeContext,
  given: string | undefined,
): AskPassword {
  const passwords = person?.passwords ?? nobody;
  const sources = {
    ...passwords,
    ...(given === undefined ? {} : { given: async () => given }),
    ring: new OpenRing(services.keyRing(place)),
  };
  return (lock) => unlock(lock, sources);
}

const nobody = {
  given: async () => undefined,
  matched: () => undefined,
  ask: async () => undefined,
};
