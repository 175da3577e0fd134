import { object, optional, picklist, strictObject, string, union, type InferOutput } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import type { RunBackup } from "#core/model/run.ts";
import { findBackup } from "#jobs/backup/list-backups.ts";
import { reencryptBackup } from "#jobs/keys/reencrypt-backup.ts";
import { reencryptBackups } from "#jobs/keys/reencrypt-backups.ts";
import { runAlone } from "#jobs/runs/run-alone.ts";
import { OpenRing, type OpenKey } from "#keys/open-ring.ts";
import { atLocation } from "../at-location.ts";
import type { HomeContext } from "../home-context.ts";
import { defineRunOperation } from "../operation.ts";
import { ringPassword } from "../ring-password.ts";
import { listOf } from "../schema/list-of.ts";
import { backupReference, givenId, password } from "../schema/names.ts";
import type { PlaceFlags } from "../services.ts";

const done = object({
  slug: string(),
  file: string(),
  status: picklist(["reencrypted", "current", "plain"]),
});

/** It stays as it is, and why. */
const failed = object({
  file: string(),
  error: object({ problem: string(), message: string() }),
});

const result = object({
  /** Id of the key. */
  key: string(),
  backups: listOf(union([done, failed])),
});

/** As it comes over the wire. */
export type ReencryptedDocument = InferOutput<typeof result>;

export const reencryptBackupsOperation = defineRunOperation({
  id: "reencryptBackups",
  summary:
    "Encrypt a backup, or every one at a location, with the current key; the old archive goes once the new one is proven",
  method: "post",
  path: "/backups/reencrypt",
  scope: "admin",
  input: strictObject({
    /** Every encrypted one without it. */
    backup: optional(backupReference),
    location: optional(givenId),
    /** Opens what no key of the ring opens. */
    password: optional(password),
  }),
  result,
  async run({ backup: reference, location: wanted, password: given }, context) {
    const { services, desk, person } = context;
    const place = atLocation(context, wanted);
    const to = await currentKey(context);
    const askPassword = ringPassword(context, given);
    const backup = reference === undefined ? undefined : await find(reference, place, context);
    const run = await desk.begin(async ({ begun, signal }) => {
      await using open = await services.openLocation(place);
      await using runs = await services.openRuns(place);
      const { location } = open;
      const about = { kind: "reencrypt", location: location.id, backup, begun, signal } as const;
      const backups = await runAlone(
        {
          ...about,
          report: person?.report,
          work: async ({ signal: cancelled, report }) => {
            const tools = { ...open.tools, location, askPassword, report, signal: cancelled };
            if (backup === undefined) return reencryptBackups(to, tools);
            return [await reencryptBackup(backup.fileName, to, tools)];
          },
        },
        runs.tools,
      );
      return { key: to.key.id, backups };
    });
    return { run };
  },
});

async function currentKey({ services, place }: HomeContext): Promise<OpenKey> {
  const key = await new OpenRing(services.keyRing(place)).current();
  if (key !== undefined) return key;
  throw new SafehouseError("usage", "There is no key to encrypt with", {
    advice: "Make one first with: safehouse keys new",
  });
}

async function find(
  reference: string,
  place: PlaceFlags,
  { services, signal }: HomeContext,
): Promise<RunBackup> {
  await using open = await services.openLocation(place);
  const { slug = "", name = "", file } = await findBackup(open.location, reference, signal);
  return { slug, name, fileName: file };
}
