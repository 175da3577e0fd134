import { translating } from "./errors.ts";
import { makeFolder } from "./folders.ts";
import { lookAt } from "./publish.ts";
import { SftpSession } from "./session.ts";
import type { SftpSettings } from "./settings.ts";

/** At set-up: creates the folder of a location, and those that lead to it, as far as they are missing. */
export async function createRemoteFolder(settings: SftpSettings): Promise<void> {
  const { signal } = new AbortController();
  const { path } = settings;
  const session = await SftpSession.open(settings, signal);
  try {
    await translating(path, async () => {
      const names = path.split("/");
      for (let count = 1; count <= names.length; count += 1) {
        const folder = names.slice(0, count).join("/");
        if (folder === "" || (await lookAt(session, folder, signal)) !== undefined) continue;
        await makeFolder(session, folder, signal);
      }
    });
  } finally {
    session.end();
  }
}
