import type { SyncthingApi } from "./api.ts";
import { fieldsOf, itemsOf, numberOf, textOf } from "./json.ts";
import type { SharedFolder } from "./shared-folder.ts";

/** Another device that shares a folder, as this Syncthing knows it. */
export interface OtherDevice {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Why nothing goes there at the moment: "not connected"; undefined if nothing stands against it. */
  readonly heldUp: string | undefined;
  /** What it lacks of the folder. */
  readonly lackingItems: number;
  readonly lackingBytes: number;
}

/** The other devices of a folder. Rejects as Syncthing's interface. */
export async function otherDevices(
  api: SyncthingApi,
  { id: folder, devices }: SharedFolder,
  signal: AbortSignal,
): Promise<readonly OtherDevice[]> {
  const configured = itemsOf(await api.get("config/devices", {}, signal)).map(fieldsOf);
  const told = fieldsOf(await api.get("system/connections", {}, signal));
  const connections = fieldsOf(told["connections"]);
  return Promise.all(
    devices.map(async (id) => {
      const device = configured.find(({ deviceID }) => deviceID === id) ?? {};
      const completion = fieldsOf(await api.get("db/completion", { folder, device: id }, signal));
      return {
        id,
        name: textOf(device["name"]) || id.slice(0, 7),
        heldUp:
          device["paused"] === true
            ? "paused in Syncthing"
            : fieldsOf(connections[id])["connected"] !== true
              ? "not connected"
              : heldUpThere(textOf(completion["remoteState"])),
        lackingItems: numberOf(completion["needItems"]),
        lackingBytes: numberOf(completion["needBytes"]),
      };
    }),
  );
}

/** Syncthing tells from version 1.20 on how the folder is at the other device. */
function heldUpThere(state: string): string | undefined {
  if (state === "paused") return "it has paused the folder";
  return state === "notSharing" ? "it does not share the folder" : undefined;
}
