import { StorageError } from "../errors.ts";
import type { Settlement, StoredObject } from "../provider.ts";
import type { SyncthingApi } from "./api.ts";
import { fieldsOf, itemsOf, textOf } from "./json.ts";
import { otherDevices } from "./other-devices.ts";
import type { SyncthingSettings } from "./settings.ts";
import { findSharedFolder, refuseReceiveOnly, refuseTooFew } from "./shared-folder.ts";
import type { SharedFolder } from "./shared-folder.ts";
import { takeIn } from "./take-in.ts";

export interface SettlementQuestion {
  readonly api: SyncthingApi;
  readonly settings: SyncthingSettings;
  /** As it lies here, under its name in the location. */
  readonly object: StoredObject;
}

/**
 * Whether enough other devices have an object. Only a device that is connected and itself says so has it: one that leaves
 * a file out lacks nothing in Syncthing's eyes. Rejects with `unsupported`, `read-only` or `already-exists` where it can come
 * to nobody, and as Syncthing's interface.
 */
export async function settlementOf(
  { api, settings, object }: SettlementQuestion,
  signal: AbortSignal,
): Promise<Settlement> {
  const folder = await findSharedFolder(api, settings, signal);
  refuseReceiveOnly(folder);
  refuseTooFew(folder, settings.devices);
  const { name, isPaused } = folder;
  if (isPaused) return heldUp(`the folder ${name} (paused in Syncthing)`, object);
  const waiting = await takeIn({ api, folder, object }, signal);
  if (waiting !== undefined) return waiting;
  const query = { folder: folder.id, file: folder.prefix + object.key };
  const file = fieldsOf(await api.get("db/file", query, signal));
  refuseOther(file, object);
  const having = new Set(devicesWith(file).filter((id) => folder.devices.includes(id)));
  if (having.size >= settings.devices) return { settled: true };
  return waitingFor({ api, folder, object, having, wanted: settings.devices }, signal);
}

/** Syncthing keeps one of two files of a name that two devices have made, and calls the other a conflict. */
function refuseOther(file: Readonly<Record<string, unknown>>, { key }: StoredObject): void {
  const [here, newest] = [fieldsOf(file["local"]), fieldsOf(file["global"])];
  if (JSON.stringify(here["version"]) === JSON.stringify(newest["version"])) return;
  const message = `Another device has a ${key} of its own, which Syncthing takes for the newer one`;
  throw new StorageError("already-exists", message, { key });
}

/** Ids of connected devices that say that they have all of it; others have begun. */
function devicesWith(file: Readonly<Record<string, unknown>>): readonly string[] {
  return itemsOf(file["availability"])
    .map(fieldsOf)
    .filter(({ fromTemporary }) => fromTemporary !== true)
    .map(({ id }) => textOf(id));
}

interface Lack extends Pick<SettlementQuestion, "api" | "object"> {
  readonly folder: SharedFolder;
  readonly having: ReadonlySet<string>;
  readonly wanted: number;
}

async function waitingFor(
  { api, folder, object, having, wanted }: Lack,
  signal: AbortSignal,
): Promise<Settlement> {
  const others = await otherDevices(api, folder, signal);
  const lacking = others
    .filter(({ id }) => !having.has(id))
    .map(({ heldUp, ...device }) => ({
      ...device,
      heldUp: heldUp ?? (device.lackingItems === 0 ? "it leaves this file out" : undefined),
    }));
  const missing = wanted - having.size;
  const taking = lacking
    .filter((device) => device.heldUp === undefined)
    .map(({ lackingBytes }) => lackingBytes)
    .toSorted((one, other) => one - other);
  const names = lacking.map((device) => `${device.name} (${device.heldUp ?? "connected"})`);
  return {
    settled: false,
    waitsFor: names.join(missing < lacking.length ? " or " : " and "),
    isHeldUp: taking.length < missing,
    left: taking[missing - 1] ?? object.size,
  };
}

function heldUp(waitsFor: string, { size }: StoredObject): Settlement {
  return { settled: false, waitsFor, isHeldUp: true, left: size };
}
