import type { SettingChange } from "#core/settings/setting-changes.ts";
import { mergeRing, type MergedRing } from "./merge-ring.ts";
import { mergeSettings } from "./merge-settings.ts";
import { missingKeyNotes } from "./missing-key-notes.ts";
import { openSettings } from "./open-settings.ts";
import type { SettingsDocument } from "./settings-document.ts";
import type { SettingsStores } from "./settings-stores.ts";

export interface SettingsImport {
  readonly changes: readonly SettingChange[];
  /** Sentences about what is not done as the file says. */
  readonly notes: readonly string[];
}

/** What an import would change. Rejects with what `importSettings` would reject with. */
export async function previewImport(
  document: SettingsDocument,
  stores: SettingsStores,
): Promise<SettingsImport> {
  const { settings, notes: left } = await usableSettings(document, stores);
  const merged = mergeSettings(await stores.settings.read(), settings);
  const { ring, changes } = await previewRing(document, stores);
  const { plans } = settings;
  const keyNotes = Array.isArray(plans) ? missingKeyNotes(plans, ring) : [];
  return {
    changes: [...merged.changes, ...changes],
    notes: [...left, ...merged.notes, ...keyNotes],
  };
}

/**
 * Imports settings that have been checked: what opens secrets first, then the keys, so that no plan is there
 * without its key. Keys and settings are each changed wholly or not at all.
 */
export async function importSettings(
  document: SettingsDocument,
  stores: SettingsStores,
): Promise<SettingsImport> {
  const preview = await previewImport(document, stores);
  const { keys, secretKey } = document;
  if (secretKey !== undefined) await stores.secretKey.adopt(secretKey);
  const { settings } = await usableSettings(document, stores);
  if (keys !== undefined) await stores.ring.change((ring, reveal) => mergeRing(ring, keys, reveal));
  await stores.settings.decide((present) => mergeSettings(present, settings).settings);
  return preview;
}

/** Secrets that another key has sealed than the one here would only look as if they were there. */
async function usableSettings(
  { settings, secretKey }: SettingsDocument,
  stores: SettingsStores,
): Promise<Pick<SettingsDocument, "settings"> & { readonly notes: readonly string[] }> {
  const here = await stores.secretKey.read();
  if (secretKey !== undefined && (here ?? secretKey) === secretKey) return { settings, notes: [] };
  const { settings: open, left } = openSettings(settings);
  if (left === 0) return { settings, notes: [] };
  const secrets = left === 1 ? "1 secret" : `${left} secrets`;
  const note = `${secrets} in the file cannot be opened here and have to be entered again: another secret.key has sealed them`;
  return { settings: open, notes: [note] };
}

async function previewRing(
  { keys }: SettingsDocument,
  { ring: store }: SettingsStores,
): Promise<Pick<MergedRing, "ring" | "changes">> {
  const ring = await store.read();
  if (keys === undefined) return { ring, changes: [] };
  const secrets = new Map<string, string>();
  for (const { id } of ring.keys) secrets.set(id, await store.reveal(id));
  return mergeRing(ring, keys, (id) => secrets.get(id) ?? "");
}
