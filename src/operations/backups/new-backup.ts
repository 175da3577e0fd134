import {
  array,
  boolean,
  maxLength,
  optional,
  pipe,
  record,
  strictObject,
  string,
  unknown,
} from "valibot";
import { parseRule } from "#core/rules/parse-rule.ts";
import { runBackup } from "#jobs/backup/run-backup.ts";
import { backupKeys, type BackupKeys } from "#keys/backup-keys.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { atLocation } from "../at-location.ts";
import type { HomeContext } from "../home-context.ts";
import { defineOperation } from "../operation.ts";
import { rulesInput } from "../rules/rules-schema.ts";
import { begunSchema } from "../runs/begun-schema.ts";
import { archiveName, locationId, password, shortText } from "../schema/names.ts";
import { selectionEntries } from "./selection-schema.ts";

const encryptionEntries = {
  /** False makes a backup that is not encrypted, although there is a key. */
  encryption: optional(boolean(), true),
  /** The current key of the ring without it. */
  password: optional(password),
};

export const newBackupOperation = defineOperation({
  id: "newBackup",
  summary: "Make a backup; of everything, unless parts are named",
  method: "post",
  path: "/backups",
  scope: "backup",
  startsRun: true,
  input: strictObject({
    name: optional(shortText),
    fileName: optional(archiveName),
    /** Kept in `extra` of `backup.json`. */
    extra: optional(record(string(), unknown()), {}),
    ...selectionEntries,
    ...encryptionEntries,
    /** Ids; made at the first and delivered to the others. The default one without any. */
    locations: optional(pipe(array(locationId), maxLength(50)), []),
    rules: optional(rulesInput, []),
    savedRules: optional(boolean(), true),
    compressed: optional(boolean(), true),
    verify: optional(boolean(), true),
    /** Wait while another backup is made; else `busy`. */
    queue: optional(boolean(), true),
  }),
  output: begunSchema,
  async run(input, context) {
    const { services, desk } = context;
    const [first, ...others] = input.locations;
    const place = atLocation(context, first);
    const keys = await keysFor(input, context);
    // What is wrong with the home is told before there is a run.
    await (await services.openHome(place))[Symbol.asyncDispose]();
    const run = await desk.begin(async ({ begun, signal }) => {
      await using home = await services.openHome(place);
      await using runs = await services.openRuns(place);
      const locations = [home.location.id, ...others];
      const report = (): void => undefined;
      const { homeassistant, excludeDatabase, folders, addons } = input;
      return await runBackup(
        {
          name: input.name,
          fileName: input.fileName,
          selection: {
            excludeDatabase,
            folders,
            addons,
            ...(homeassistant === undefined ? {} : { homeassistant }),
          },
          rules: [...(input.savedRules ? home.rules : []), ...input.rules.map(parseRule)],
          encryption: keys && { version: 3, keys },
          compressed: input.compressed,
          verify: input.verify,
          extra: input.extra,
          locations: locations.map((location) => ({ location, retention: undefined })),
          trigger: { kind: "manual" },
        },
        {
          runs: runs.tools,
          backup: { installation: home.installation, ...home.tools, report, signal },
          installationId: await home.installationId(),
          openLocation: home.openLocation,
          hold: (held) => home.hold("backup", held),
          queue: input.queue,
          waitsFor: () => undefined,
          begun,
        },
      );
    });
    return { run };
  },
});

async function keysFor(
  input: { readonly encryption: boolean; readonly password?: string | undefined },
  { services, place }: HomeContext,
): Promise<BackupKeys | undefined> {
  if (!input.encryption) return undefined;
  if (input.password !== undefined) return backupKeys(input.password);
  return (await new OpenRing(services.keyRing(place)).current())?.keys;
}
