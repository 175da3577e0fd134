import {
  boolean,
  literal,
  number,
  object,
  optional,
  record,
  strictObject,
  string,
  unknown,
  type InferOutput,
} from "valibot";
import { exportSettings } from "#jobs/settings/export-settings.ts";
import { defineOperation } from "../operation.ts";

const settingsSchema = object({
  version: literal(1),
  settings: record(string(), unknown()),
  keys: optional(unknown()),
  secretKey: optional(string()),
});

export type ExportedSettings = InferOutput<typeof settingsSchema>;

export const exportSettingsOperation = defineOperation({
  id: "exportSettings",
  summary: "All settings of the home as one document; keys and secrets only if they are asked for",
  method: "post",
  path: "/settings/export",
  scope: "admin",
  input: strictObject({ withSecrets: optional(boolean(), false) }),
  output: object({
    document: settingsSchema,
    /** Secrets that were left out. */
    left: number(),
  }),
  async run({ withSecrets }, { services, place }) {
    const { document, left } = await exportSettings(services.settingsStores(place), withSecrets);
    const { settings, keys, secretKey } = document;
    const whole = { version: 1 as const, settings: { ...settings }, keys, secretKey };
    return { document: whole, left };
  },
});
