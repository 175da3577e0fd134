import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { backupsNeeding } from "#jobs/keys/backups-needing.ts";
import { backupKeys } from "#keys/backup-keys.ts";
import { findKey } from "#keys/find-key.ts";
import type { RingKey } from "#keys/key-ring-port.ts";
import { refuseNeeded } from "#keys/refuse-needed.ts";
import { removeKey } from "#keys/remove-key.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { keyText } from "./key-output.ts";

interface Flags extends PlaceFlags, CommonFlags {
  readonly yes?: boolean;
  readonly giveUpBackups?: boolean;
}

export function addKeysRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <id>")
    .aliases(["delete", "rm"])
    .description("forget a key that no backup at any location needs")
    .option("--give-up-backups", "also if backups need it; only its emergency kit opens them then")
    .option("-y, --yes", "do not ask");
  addLocationOption(command);
  addExamples(command, ["safehouse keys remove 3f9a1c"]);
  runner.attach<Flags>(command, async (context, flags, [id = ""]) => {
    const store = context.services.keyRing(flags);
    const ring = await store.read();
    const key = findKey(ring, id);
    removeKey(ring, id);
    // Without the right to ask no location nobody could get rid of a key whose location is gone for good.
    if (flags.giveUpBackups !== true) await refuseIfNeeded(context, flags, key);
    await confirm(context, flags, key);
    const { current } = await store.change((now) => ({ ring: removeKey(now, id) }));
    const none =
      current === undefined
        ? "New backups are NOT encrypted until there is a key again: safehouse keys new\n"
        : "";
    const text = `Removed key ${keyText(key)}; backups that need it are opened by its emergency kit alone\n${none}`;
    await context.print({ json: { removed: id, name: key.name }, text });
  });
}

async function refuseIfNeeded(
  { services, progress, signal }: CommandContext,
  flags: Flags,
  key: RingKey,
): Promise<void> {
  const keys = backupKeys(await services.keyRing(flags).reveal(key.id));
  await using open = await services.openLocations(flags);
  const { locations, chosen } = open;
  const ids = chosen === undefined ? (await locations.list()).map(({ id }) => id) : [chosen];
  for (const id of ids) {
    const location = await locations.open(id, signal);
    const files = await backupsNeeding(location, keys, { report: progress.report, signal });
    progress.clear();
    refuseNeeded(key, files, location.id);
  }
}

async function confirm({ console }: CommandContext, flags: Flags, key: RingKey): Promise<void> {
  if (flags.yes === true || !console.inIsTerminal) return;
  const answer = await console.ask(`Forget key ${keyText(key)} for good? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new SafehouseError("cancelled", "Nothing was removed");
}
