import type { SyncthingApi } from "./api.ts";
import { fieldsOf, itemsOf, textOf } from "./json.ts";

/** @param connections as `system/connections` tells them */
export function isConnected(
  connections: Readonly<Record<string, unknown>>,
  device: string,
): boolean {
  return fieldsOf(connections[device])["connected"] === true;
}

/** Names of devices for people, with their verb: "laptop is", "laptop and phone (paused) are". */
export async function deviceNames(
  api: SyncthingApi,
  devices: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const known = itemsOf(await api.get("config/devices", {}, signal)).map(fieldsOf);
  const names = devices.map((id) => {
    const device = known.find(({ deviceID }) => deviceID === id) ?? {};
    const name = textOf(device["name"]) || id.slice(0, 7);
    return device["paused"] === true ? `${name} (paused)` : name;
  });
  return `${names.join(" and ")} ${names.length === 1 ? "is" : "are"}`;
}
