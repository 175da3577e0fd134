import { knownSettings } from "#core/settings/known-settings.ts";
import { withoutSealed } from "#core/settings/sealed-values.ts";
import type { KeyRingStore } from "#keys/key-ring-port.ts";
import type { HomeSettingsStore } from "../settings-port.ts";
import type { ExportedRing, SettingsDocument } from "./settings-document.ts";

export interface SettingsExport {
  readonly document: SettingsDocument;
  /** How many sealed secrets of settings were left out. */
  readonly left: number;
}

/**
 * All settings of a home, those first that are known. Without secrets the keys of the ring are not in it, and
 * of the settings no secrets. With secrets, those of settings come sealed as they are: they open where
 * `secret.key` is the same.
 */
export async function exportSettings(
  store: HomeSettingsStore,
  ring: KeyRingStore,
  withSecrets: boolean,
): Promise<SettingsExport> {
  const stored = inOrder(await store.read());
  if (withSecrets) {
    const keys = await exportRing(ring);
    return { document: { version: 1, settings: stored, keys }, left: 0 };
  }
  const settings = Object.entries(stored).map(([name, value]) => ({
    name,
    ...withoutSealed(value),
  }));
  const shown = settings.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]));
  return {
    document: {
      version: 1,
      settings: Object.fromEntries(shown) as SettingsDocument["settings"],
      keys: undefined,
    },
    left: settings.reduce((sum, { left }) => sum + left, 0),
  };
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
