import { Document, isMap, isScalar, type YAMLMap } from "yaml";
import { knownSettings } from "#core/settings/known-settings.ts";
import type { ExportedSettings } from "#operations/settings/export-settings.ts";

/** Settings as YAML with comments that explain them. Read back, it is the same value. */
export function settingsYaml({ version, settings, keys, secretKey }: ExportedSettings): string {
  const document = new Document({
    version,
    settings,
    ...(keys === undefined ? {} : { keys }),
    ...(secretKey === undefined ? {} : { secretKey }),
  });
  document.commentBefore =
    " Settings of a home, written by Safehouse. See what an import would change with:\n   safehouse settings import FILE --dry-run";
  const { contents } = document;
  if (isMap(contents)) {
    explain(contents.get("settings") as YAMLMap, comments);
    explain(contents, secretComments);
  }
  return document.toString({ lineWidth: 0 });
}

const comments = new Map(knownSettings.map(({ name, comment }) => [name, comment]));

const secretComments = new Map([
  ["keys", "SECRET: the encryption keys. Whoever has them can read the backups."],
  ["secretKey", "SECRET: opens what begins with sealed-1: in the settings above."],
]);

function explain({ items }: YAMLMap, texts: ReadonlyMap<string, string>): void {
  for (const { key } of items) {
    const text = isScalar(key) ? texts.get(String(key.value)) : undefined;
    if (isScalar(key) && text !== undefined) key.commentBefore = ` ${text}`;
  }
}
