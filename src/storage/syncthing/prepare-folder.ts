import { StorageError } from "../errors.ts";
import { SyncthingApi } from "./api.ts";
import { ignoreUnfinished } from "./ignore-unfinished.ts";
import type { SyncthingSettings } from "./settings.ts";
import { findSharedFolder, refuseReceiveOnly, refuseTooFew } from "./shared-folder.ts";

/** At set-up: keeps what is not finished from other devices. Rejects if Syncthing shares nothing there that it sends. */
export async function prepareSharedFolder(settings: SyncthingSettings): Promise<void> {
  const signal = AbortSignal.timeout(answerInMs);
  const api = new SyncthingApi(settings);
  try {
    const folder = await findSharedFolder(api, settings, signal);
    refuseReceiveOnly(folder);
    refuseTooFew(folder, settings.devices);
    await ignoreUnfinished(api, folder, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new StorageError("unreachable", `Syncthing at ${api.address} does not answer`);
  }
}

const answerInMs = 30_000;
