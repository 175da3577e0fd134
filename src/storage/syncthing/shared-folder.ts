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
  const place = await realpath(settings.path).catch(sameIfMissing(settings.path));
  const found: SharedFolder[] = [];
  for (const folder of itemsOf(configured).map(fieldsOf)) {
    const prefix = await prefixIn(folder, { place, tilde: textOf(tilde), id: settings.folder });
    if (prefix === undefined) continue;
    const devices = itemsOf(folder["devices"]).map((device) =>
      textOf(fieldsOf(device)["deviceID"]),
    );
    const id = textOf(folder["id"]);
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

/** What paths of the location begin with in a folder; undefined if it does not lie in it. */
async function prefixIn(
  folder: Readonly<Record<string, unknown>>,
  {
    place,
    tilde,
    id,
  }: { readonly place: string; readonly tilde: string; readonly id: string | undefined },
): Promise<string | undefined> {
  if (id !== undefined) {
    if (folder["id"] !== id) return undefined;
    // Its own path may be that of a container; here it is known by what Syncthing puts at its top.
    return prefixOf(place, (await findTop(place)) ?? place);
  }
  const path = textOf(folder["path"]).replace(/^~(?=\/|$)/, tilde);
  const top = await realpath(path).catch(sameIfMissing(path));
  return prefixOf(place, top);
}

function prefixOf(place: string, top: string): string | undefined {
  const path = relative(top, place);
  if (path === "") return "";
  return path === ".." || path.startsWith("../") ? undefined : `${path}/`;
}

/** The top of the shared folder that a path lies in, found by Syncthing's marker, without asking it. */
export async function findTop(path: string): Promise<string | undefined> {
  for (let folder = path; ; folder = dirname(folder)) {
    const marker = await stat(join(folder, ".stfolder")).catch(undefinedIfMissing);
    if (marker?.isDirectory() === true) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

function sameIfMissing(path: string): (error: unknown) => string {
  return (error) => {
    if (isMissing(error)) return path;
    throw error;
  };
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

function isMissing(error: unknown): boolean {
  // A folder of another program may also be one that we may not look into.
  return ["ENOENT", "ENOTDIR", "EACCES"].includes(systemErrorCode(error) ?? "");
}
