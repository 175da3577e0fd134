import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { listKeysOperation } from "#operations/keys/list-keys.ts";
import { removeKeyOperation } from "#operations/keys/remove-key.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import type { PlaceFlags } from "#operations/services.ts";
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
  runner.attachLinked<Flags>(command, async (context, flags, [id = ""]) => {
    await confirm(context, flags, id);
    const wanted = { key: id, giveUpBackups: flags.giveUpBackups === true };
    const { name, encrypts } = await context.home.call(removeKeyOperation, wanted, { flags });
    const none = encrypts
      ? ""
      : "New backups are NOT encrypted until there is a key again: safehouse keys new\n";
    const text = `Removed key ${keyText({ id, name })}; backups that need it are opened by its emergency kit alone\n${none}`;
    await context.print({ json: { removed: id, name }, text });
  });
}

async function confirm({ console, home }: CommandContext, flags: Flags, id: string): Promise<void> {
  if (flags.yes === true || !console.inIsTerminal) return;
  const { keys } = await home.call(listKeysOperation, {}, { flags });
  const key = keys.find((one) => one.id === id);
  if (key === undefined) return;
  const answer = await console.ask(`Forget key ${keyText(key)} for good? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new SafehouseError("cancelled", "Nothing was removed");
}
