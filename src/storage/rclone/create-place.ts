import { RcloneRemote } from "./remote.ts";
import type { RcloneSettings } from "./settings.ts";
import { sharedControl } from "./shared-control.ts";

/** At set-up: makes the folder or bucket of a remote if it is missing. */
export async function createRclonePlace(settings: RcloneSettings): Promise<void> {
  const { signal } = new AbortController();
  await new RcloneRemote(sharedControl(settings), settings.remote).make(signal);
}
