import { boolean, number, object, optional, record, strictObject, string, unknown } from "valibot";
import { exportSettings } from "#jobs/settings/export-settings.ts";
import { defineOperation } from "../operation.ts";

export const exportSettingsOperation = defineOperation({
  id: "exportSettings",
  summary: "All settings of the home as one document; keys and secrets only if they are asked for",
  method: "post",
  path: "/settings/export",
  scope: "admin",
  input: strictObject({ withSecrets: optional(boolean(), false) }),
  output: object({
    document: record(string(), unknown()),
    /** Secrets that were left out. */
    left: number(),
  }),
  async run({ withSecrets }, { services, place }) {
    const { document, left } = await exportSettings(services.settingsStores(place), withSecrets);
    return { document: { ...document }, left };
  },
});
