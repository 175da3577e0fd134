import { Document, isMap, isScalar, type YAMLMap } from "yaml";
import { knownSettings } from "#core/settings/known-settings.ts";
import type { SettingsDocument } from "#jobs/settings/settings-document.ts";

/** Settings as YAML with comments that explain them. Read back, it is the same value. */
export function settingsYaml({ version, settings, keys }: SettingsDocument): string {
  const document = new Document({ version, settings, ...(keys === undefined ? {} : { keys }) });
  document.commentBefore =
    " Settings of a home, written by Safehouse. See what an import would change with:\n   safehouse settings import FILE --dry-run";
  const { contents } = document;
  if (isMap(contents)) {
    const { items } = contents.get("settings") as YAMLMap;
    for (const { key } of items) explain(key);
    const ring = contents.items.find(({ key }) => isScalar(key) && key.value === "keys");
    if (ring !== undefined && isScalar(ring.key)) {
      ring.key.commentBefore =
        " SECRET: the encryption keys. Whoever has them can read the backups.";
      ring.key.spaceBefore = true;
    }
  }
  return document.toString({ lineWidth: 0 });
}

function explain(key: unknown): void {
  if (!isScalar(key)) return;
  const known = knownSettings.find(({ name }) => name === key.value);
  if (known !== undefined) key.commentBefore = ` ${known.comment}`;
}
