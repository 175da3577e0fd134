import type { SettingChange } from "#core/settings/setting-changes.ts";
import type { KeyRingStore } from "#keys/key-ring-port.ts";
import type { HomeSettingsStore } from "../settings-port.ts";
import { mergeRing } from "./merge-ring.ts";
import { mergeSettings } from "./merge-settings.ts";
import type { SettingsDocument } from "./settings-document.ts";

export interface SettingsImport {
  readonly changes: readonly SettingChange[];
  /** Sentences about what is not done as the file says. */
  readonly notes: readonly string[];
}

/** What an import would change. Rejects with what `importSettings` would reject with. */
export async function previewImport(
  { settings, keys }: SettingsDocument,
  store: HomeSettingsStore,
  ringStore: KeyRingStore,
): Promise<SettingsImport> {
  const { changes, notes } = mergeSettings(await store.read(), settings);
  if (keys === undefined) return { changes, notes };
  const ring = await ringStore.read();
  const secrets = new Map<string, string>();
  for (const { id } of ring.keys) secrets.set(id, await ringStore.reveal(id));
  const merged = mergeRing(ring, keys, (id) => secrets.get(id) ?? "");
  return { changes: [...changes, ...merged.changes], notes };
}

/**
 * Imports settings that have been checked: the keys first, so that no plan is there without its key. Keys and
 * settings are each changed wholly or not at all.
 */
export async function importSettings(
  document: SettingsDocument,
  store: HomeSettingsStore,
  ringStore: KeyRingStore,
): Promise<SettingsImport> {
  const preview = await previewImport(document, store, ringStore);
  const { settings, keys } = document;
  if (keys !== undefined) await ringStore.change((ring, reveal) => mergeRing(ring, keys, reveal));
  await store.revise((present) => mergeSettings(present, settings).settings);
  return preview;
}
