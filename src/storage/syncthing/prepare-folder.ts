import { realpath } from "node:fs/promises";
import { StorageError } from "../errors.ts";
import { ignoreUnfinished } from "./ignore-unfinished.ts";
import { findTop } from "./shared-folder.ts";

/** At set-up: keeps what is not finished from other devices. Rejects with `unreachable` if Syncthing shares nothing there. */
export async function prepareSyncthingFolder(path: string): Promise<void> {
  const place = await realpath(path);
  const top = await findTop(place);
  if (top !== undefined) return ignoreUnfinished(top, place);
  const message = `${path} lies in no folder that Syncthing shares: there is no .stfolder at its top`;
  throw new StorageError("unreachable", message);
}
