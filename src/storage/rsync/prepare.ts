import { sendSmall } from "./send-small.ts";
import { Rsync } from "./rsync.ts";
import type { RsyncSettings } from "./settings.ts";

/** At set-up: creates the folder of a location, and those that lead to it, as far as they are missing. */
export async function createRemoteFolder(settings: RsyncSettings): Promise<void> {
  const { signal } = new AbortController();
  const { path, way } = settings;
  const root = way.kind === "ssh" && path.startsWith("/") ? "/" : ".";
  const folders = [path.replace(/^\/+/, "")].filter((folder) => folder !== "");
  await sendSmall(new Rsync({ ...settings, path: root }), { subject: path, folders }, signal);
}
