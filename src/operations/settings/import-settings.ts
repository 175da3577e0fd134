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
  output: object({ changes: listOf(change), notes: listOf(string()) }),
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

/** Nobody who can call the API may choose what a shell of this machine runs. */
async function refuseCommands(
  { settings }: SettingsDocument,
  { services, place }: HomeContext,
): Promise<void> {
  const { service } = settings;
  if (service === undefined) return;
  const present = (await services.settingsStores(place).settings.read())["service"];
  if (isDeepStrictEqual(present, service)) return;
  throw new SafehouseError("denied", "The settings name commands that stop Home Assistant", {
    subject: "service",
    advice:
      "Import them on the machine itself with: safehouse settings import FILE; or leave `service` out",
  });
}
