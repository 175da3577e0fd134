import { translating } from "./errors.ts";
import { enterShare, openSession } from "./open-share.ts";
import { makeFolder } from "./place.ts";
import type { SmbSettings } from "./settings.ts";
import { whereOf } from "./where.ts";

/** More than enough for a handful of folders on a server that answers at all. */
const limitInMs = 60_000;

/** At set-up: makes the folder of a place in its share if it is missing. */
export async function prepareSmbFolder(settings: SmbSettings): Promise<void> {
  const signal = AbortSignal.timeout(limitInMs);
  await translating({ where: whereOf(settings) }, async () => {
    const session = await openSession(settings, signal);
    try {
      const tree = await enterShare(session, settings, signal);
      const { folders } = settings;
      for (let count = 1; count <= folders.length; count += 1)
        await makeFolder(tree, folders.slice(0, count).join("\\"), signal);
    } finally {
      session.connection.end();
    }
  });
}
