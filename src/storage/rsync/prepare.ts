import { sendSmall } from "./publish.ts";
import { Rsync } from "./rsync.ts";
import type { RsyncSettings } from "./settings.ts";

/** At set-up: creates the folder of a location, and those that lead to it, as far as they are missing. */
export async function createRemoteFolder(settings: RsyncSettings): Promise<void> {
  const { signal } = new AbortController();
  const { path } = settings;
  const folders = [path.replace(/^\/+/, "")].filter((folder) => folder !== "");
  await sendSmall(new Rsync(settings), { subject: path, folders, at: "root" }, signal);
}
