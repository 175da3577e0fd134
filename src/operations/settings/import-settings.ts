import { isDeepStrictEqual } from "node:util";
import {
  boolean,
  object,
  optional,
  picklist,
  record,
  strictObject,
  string,
  unknown,
  type InferOutput,
} from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import { notePlanTimings } from "#jobs/plan/note-plan-timings.ts";
import { importSettings, previewImport } from "#jobs/settings/import-settings.ts";
import { parseSettingsDocument, type SettingsDocument } from "#jobs/settings/settings-document.ts";
import type { HomeContext } from "../home-context.ts";
import { defineOperation } from "../operation.ts";
import { listOf } from "../schema/list-of.ts";

const change = object({
  setting: string(),
  item: optional(string()),
  change: picklist(["added", "changed", "removed"]),
});

const importedSchema = object({ changes: listOf(change), notes: listOf(string()) });

export type ImportedSettings = InferOutput<typeof importedSchema>;

export const importSettingsOperation = defineOperation({
  id: "importSettings",
  summary: "Take settings from such a document, or with dryRun tell what would change",
  method: "post",
  path: "/settings/import",
  scope: "admin",
  input: strictObject({
    document: record(string(), unknown()),
    dryRun: optional(boolean(), false),
  }),
  output: importedSchema,
  async run({ document: given, dryRun }, context) {
    const { services, place } = context;
    const document = parseSettingsDocument(given);
    await refuseCommands(document, context);
    const stores = services.settingsStores(place);
    if (dryRun) return previewImport(document, stores);
    const done = await importSettings(document, stores);
    await notePlanTimings(services.plans(place), Date.now());
    return done;
  },
});

/** Whoever is not at this machine itself may not choose what its shell runs. */
async function refuseCommands(
  { settings }: SettingsDocument,
  { services, place, person }: HomeContext,
): Promise<void> {
  const { service } = settings;
  if (service === undefined || person !== undefined) return;
  const present = (await services.settingsStores(place).settings.read())["service"];
  if (isDeepStrictEqual(present, service)) return;
  throw new SafehouseError("denied", "The settings name commands that stop Home Assistant", {
    subject: "service",
    advice:
      "Import them on the machine itself with: safehouse settings import FILE --embedded; or leave `service` out",
  });
}
