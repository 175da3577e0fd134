import { StorageError } from "../errors.ts";
import type { Settlement, StoredObject } from "../provider.ts";
import type { SyncthingApi } from "./api.ts";
import { fieldsOf, itemsOf, numberOf, textOf } from "./json.ts";
import type { SharedFolder } from "./shared-folder.ts";

export interface FileToTakeIn {
  readonly api: SyncthingApi;
  readonly folder: SharedFolder;
  readonly object: StoredObject;
}

/**
 * Lets Syncthing know a file at once; by itself it may only look once in an hour. Undefined if it knows it as it lies here,
 * else what it waits for. Rejects with `unsupported` for a file that Syncthing leaves out.
 */
export async function takeIn(
  file: FileToTakeIn,
  signal: AbortSignal,
): Promise<Settlement | undefined> {
  if (await isKnown(file, signal)) return undefined;
  const { api, folder, object } = file;
  const status = fieldsOf(await api.get("db/status", { folder: folder.id }, signal));
  const stopped = textOf(status["error"]) || textOf(status["invalid"]);
  if (stopped !== "") return waiting(`Syncthing, which has stopped the folder: ${stopped}`, file);
  const isScanning = textOf(status["state"]).startsWith("scan");
  if (isScanning || !(await scanned(file, signal))) {
    const left = object.size + (await unread(file, signal));
    return { settled: false, waitsFor: "Syncthing, which reads it", isHeldUp: false, left };
  }
  if (await isKnown(file, signal)) return undefined;
  const error = await errorOf(file, signal);
  if (error !== undefined) return waiting(`Syncthing, which cannot read it: ${error}`, file);
  const { key } = object;
  const message = `Syncthing does not carry ${key} to other devices: a pattern in .stignore keeps it back`;
  throw new StorageError("unsupported", message, { key });
}

function waiting(waitsFor: string, { object }: FileToTakeIn): Settlement {
  return { settled: false, waitsFor, isHeldUp: true, left: object.size };
}

/** True if Syncthing knows the file as it lies here. */
async function isKnown(
  { api, folder, object }: FileToTakeIn,
  signal: AbortSignal,
): Promise<boolean> {
  const query = { folder: folder.id, file: folder.prefix + object.key };
  const { local } = fieldsOf(await api.get("db/file", query, signal));
  const { size, modified, ...flags } = fieldsOf(local);
  return (
    !["deleted", "ignored", "invalid", "mustRescan"].some((flag) => flags[flag] === true) &&
    size === object.size &&
    Math.abs(Date.parse(textOf(modified)) - object.modifiedAt) <= timeToleranceMs
  );
}

/** Lets Syncthing look at the file. False if that takes longer: then it goes on by itself. */
async function scanned(
  { api, folder, object }: FileToTakeIn,
  signal: AbortSignal,
): Promise<boolean> {
  const soon = AbortSignal.timeout(scanInMs);
  const query = { folder: folder.id, sub: folder.prefix + object.key };
  try {
    await api.post({ path: "db/scan", query }, AbortSignal.any([signal, soon]));
    return true;
  } catch (error) {
    if (signal.aborted || !soon.aborted) throw error;
    return false;
  }
}

/** Bytes that Syncthing has still to read of the folder, as far as it tells. */
async function unread({ api, folder }: FileToTakeIn, signal: AbortSignal): Promise<number> {
  const query = { events: "FolderScanProgress", since: "0", timeout: "0", limit: "1" };
  const [event] = itemsOf(await api.get("events", query, signal));
  const { folder: id, total, current } = fieldsOf(fieldsOf(event)["data"]);
  return id === folder.id ? Math.max(0, numberOf(total) - numberOf(current)) : 0;
}

async function errorOf(
  { api, folder, object }: FileToTakeIn,
  signal: AbortSignal,
): Promise<string | undefined> {
  const told = fieldsOf(await api.get("folder/errors", { folder: folder.id }, signal));
  const own = itemsOf(told["errors"])
    .map(fieldsOf)
    .find(({ path }) => path === folder.prefix + object.key);
  return own && textOf(own["error"]);
}

const scanInMs = 3000;
/** Syncthing's times are as exact as the file system's; ours are in milliseconds. */
const timeToleranceMs = 2;
