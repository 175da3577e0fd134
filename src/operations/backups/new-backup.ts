import {
  array,
  boolean,
  maxLength,
  optional,
  picklist,
  pipe,
  record,
  strictObject,
  string,
  unknown,
} from "valibot";
import { parseRule } from "#core/rules/parse-rule.ts";
import { runBackup } from "#jobs/backup/run-backup.ts";
import { backupKeys, type BackupKeys } from "#keys/backup-keys.ts";
import type { RingKey } from "#keys/key-ring-port.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { atLocation } from "../at-location.ts";
import type { HomeContext } from "../home-context.ts";
import { currentKeys } from "../keys/current-keys.ts";
import { defineRunOperation } from "../operation.ts";
import { rulesInput } from "../rules/rules-schema.ts";
import { archiveName, givenId, password, shortText } from "../schema/names.ts";
import { madeSchema } from "./made-schema.ts";
import { selectionEntries } from "./selection-schema.ts";

const encryptionEntries = {
  /** False makes a backup that is not encrypted, although there is a key. */
  encryption: optional(boolean(), true),
  /** The current key of the ring without it. */
  password: optional(password),
  /** Version of the encryption. */
  securetar: optional(picklist([2, 3]), 3),
};

export const newBackupOperation = defineRunOperation({
  id: "newBackup",
  summary: "Make a backup; of everything, unless parts are named",
  method: "post",
  path: "/backups",
  scope: "backup",
  input: strictObject({
    name: optional(shortText),
    fileName: optional(archiveName),
    /** Kept in `extra` of `backup.json`. */
    extra: optional(record(string(), unknown()), {}),
    ...selectionEntries,
    ...encryptionEntries,
    /** Ids; made at one on a disk of this machine, else at all at once. The default one without any. */
    locations: optional(pipe(array(givenId), maxLength(50)), []),
    rules: optional(rulesInput, []),
    savedRules: optional(boolean(), true),
    compressed: optional(boolean(), true),
    verify: optional(boolean(), true),
    /** Wait while another backup is made; else `busy`. */
    queue: optional(boolean(), true),
  }),
  result: madeSchema,
  async run(input, context) {
    const { services, desk, person } = context;
    const [first, ...others] = person?.places ?? input.locations;
    const place = atLocation(context, first);
    const chosen = await keysFor(input, context);
    // What is wrong with the home is told before there is a run.
    const before = await services.openHome(place);
    await before[Symbol.asyncDispose]();
    const run = await desk.begin(async ({ begun, signal }) => {
      await using home = await services.openHome(place);
      await using runs = await services.openRuns(place);
      const further = await Promise.all(others.map((other) => home.locationId(other)));
      const locations = [home.chosen, ...further];
      const report = person?.report ?? ((): void => undefined);
      const { homeassistant, excludeDatabase, folders, addons } = input;
      const made = await runBackup(
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
          encryption: chosen && { version: input.securetar, keys: chosen.keys },
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
          isNear: (id) => home.isNear(id),
          currentKeys: currentKeys(context),
          hold: (held) => home.hold("backup", held),
          queue: input.queue,
          waitsFor: person?.waitsFor ?? ((): void => undefined),
          begun,
        },
      );
      const recovered = [...before.recovered, ...home.recovered];
      return { ...made, key: chosen?.key?.id ?? null, recovered };
    });
    return { run };
  },
});

interface ChosenKeys {
  readonly keys: BackupKeys;
  /** Undefined for a password that was given. */
  readonly key?: RingKey;
}

async function keysFor(
  input: { readonly encryption: boolean; readonly password?: string | undefined },
  { services, place }: HomeContext,
): Promise<ChosenKeys | undefined> {
  if (!input.encryption) return undefined;
  if (input.password !== undefined) return { keys: backupKeys(input.password) };
  return new OpenRing(services.keyRing(place)).current();
}
