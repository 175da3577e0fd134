import { realpath, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { StorageError } from "../errors.ts";
import { systemErrorCode } from "../system-error-code.ts";
import type { SyncthingApi } from "./api.ts";
import { fieldsOf, itemsOf, textOf } from "./json.ts";
import type { SyncthingSettings } from "./settings.ts";

/** A folder that Syncthing shares, as its configuration has it. */
export interface SharedFolder {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Path of the location in it: `""`, or `folder/` … */
  readonly prefix: string;
  /** `sendreceive`, `sendonly`, `receiveonly` or `receiveencrypted`. */
  readonly type: string;
  readonly isPaused: boolean;
  /** Ids of the other devices. */
  readonly devices: readonly string[];
}

/** Throws `read-only` if what we write there goes to nobody. */
export function refuseReceiveOnly({ type, name }: SharedFolder): void {
  if (type !== "receiveonly" && type !== "receiveencrypted") return;
  const message = `Syncthing only receives in the folder ${name}: nothing goes to other devices`;
  throw new StorageError("read-only", message);
}

/** How many other devices there are, in words. */
export function others({ length }: readonly string[]): string {
  return length === 1 ? "one other device" : `${length} other devices`;
}

/** Throws `unsupported` if fewer devices share the folder than are to have what is kept there. */
export function refuseTooFew({ name, devices }: SharedFolder, wanted: number): void {
  if (devices.length >= wanted) return;
  const message = `Syncthing shares the folder ${name} with ${others(devices)}, but ${wanted} are to have what is kept there`;
  throw new StorageError("unsupported", message);
}

/**
 * The shared folder that a location lies in. Rejects with `unsupported` where Syncthing shares none there, and as
 * Syncthing's interface.
 */
export async function findSharedFolder(
  api: SyncthingApi,
  settings: Pick<SyncthingSettings, "path" | "folder">,
  signal: AbortSignal,
): Promise<SharedFolder> {
  const [status, configured] = await Promise.all([
    api.get("system/status", {}, signal),
    api.get("config/folders", {}, signal),
  ]);
  const { myID, tilde } = fieldsOf(status);
  const place = await real(settings.path);
  const found: SharedFolder[] = [];
  for (const folder of itemsOf(configured).map(fieldsOf)) {
    const id = textOf(folder["id"]);
    if (settings.folder !== undefined && settings.folder !== id) continue;
    const top =
      settings.folder === undefined
        ? await real(textOf(folder["path"]).replace(/^~(?=\/|$)/, textOf(tilde)))
        : await topByMarker(place, textOf(folder["markerName"]) || ".stfolder");
    const prefix = prefixOf(place, top);
    if (prefix === undefined) continue;
    const devices = itemsOf(folder["devices"]).map((one) => textOf(fieldsOf(one)["deviceID"]));
    found.push({
      id,
      name: textOf(folder["label"]) || id,
      prefix,
      type: textOf(folder["type"]),
      isPaused: folder["paused"] === true,
      devices: devices.filter((device) => device !== myID),
    });
  }
  // One may lie in another; then the inner one counts.
  const [innermost] = found.toSorted((one, other) => one.prefix.length - other.prefix.length);
  if (innermost !== undefined) return innermost;
  const { path, folder } = settings;
  const what =
    folder === undefined ? `no folder that holds ${path}` : `no folder with the id ${folder}`;
  throw new StorageError("unsupported", `Syncthing at ${api.address} shares ${what}`);
}

/** What paths of a place begin with in a folder; undefined if it does not lie in it. */
function prefixOf(place: string, top: string): string | undefined {
  const path = relative(top, place);
  if (path === "") return "";
  return path === ".." || path.startsWith("../") ? undefined : `${path}/`;
}

/**
 * The top of a shared folder that Syncthing knows by another path, as in a container: where its marker lies, else the
 * place itself.
 */
async function topByMarker(place: string, marker: string): Promise<string> {
  for (let folder = place; ; folder = dirname(folder)) {
    if (await isThere(join(folder, marker))) return folder;
    if (folder === dirname(folder)) return place;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Without links; a folder of another program may also be one that we may not look into. */
async function real(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isMissing(error)) return path;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "EACCES"].includes(systemErrorCode(error) ?? "");
}
