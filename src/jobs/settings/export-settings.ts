import { knownSettings } from "#core/settings/known-settings.ts";
import type { KeyRingStore } from "#keys/key-ring-port.ts";
import { openSettings } from "./open-settings.ts";
import type { SettingsStores } from "./settings-stores.ts";
import type { ExportedRing, SettingsDocument } from "./settings-document.ts";

export interface SettingsExport {
  readonly document: SettingsDocument;
  /** How many sealed secrets of settings were left out. */
  readonly left: number;
}

/**
 * All settings of a home, those first that are known. Without secrets the keys of the ring are not in it, and
 * of the settings no secrets. With secrets, those of settings come sealed as they are, and with them what
 * opens them.
 */
export async function exportSettings(
  { settings: store, ring, secretKey }: SettingsStores,
  withSecrets: boolean,
): Promise<SettingsExport> {
  const settings = inOrder(await store.read());
  const { settings: open, left } = openSettings(settings);
  if (!withSecrets)
    return {
      document: { version: 1, settings: open, keys: undefined, secretKey: undefined },
      left,
    };
  const keys = await exportRing(ring);
  const opens = left === 0 ? undefined : await secretKey.read();
  return { document: { version: 1, settings, keys, secretKey: opens }, left: 0 };
}

async function exportRing(store: KeyRingStore): Promise<ExportedRing> {
  const { current, keys } = await store.read();
  const exported: ExportedRing["keys"][number][] = [];
  for (const key of keys) exported.push({ ...key, key: await store.reveal(key.id) });
  return { current, keys: exported };
}

function inOrder(settings: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const known = knownSettings.map(({ name }) => name);
  const names = [...known, ...Object.keys(settings).filter((name) => !known.includes(name))];
  const there = names.filter((name) => Object.hasOwn(settings, name));
  return Object.fromEntries(there.map((name) => [name, settings[name]]));
}
