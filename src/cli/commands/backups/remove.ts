import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { backupInfoOperation } from "#operations/backups/backup-info.ts";
import { removeBackupOperation } from "#operations/backups/remove-backup.ts";
import type { CommandContext, CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { printable } from "../../output/table.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { exitCodeOf, formatOutcomes } from "./format-outcomes.ts";

interface Flags extends PlaceFlags {
  readonly yes?: boolean;
}

export function addBackupsRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <slug>")
    .aliases(["delete", "rm"])
    .description("remove a backup wherever it is, or at one location; by slug or file name")
    .option("-y, --yes", "do not ask");
  addLocationOption(command);
  addExamples(command, [
    "safehouse backups remove 7fed74c8 --yes",
    "safehouse backups remove 7fed74c8 --location nas",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags, [reference = ""]) => {
    await confirm(context, flags, reference);
    const removed = await context.home.call(
      removeBackupOperation,
      { backup: reference },
      { flags },
    );
    await context.print({ json: removed, text: formatOutcomes(removed.copies, "Removed") });
    return exitCodeOf(removed.copies);
  });
}

async function confirm(
  { console, home }: CommandContext,
  flags: Flags,
  reference: string,
): Promise<void> {
  if (flags.yes === true || !console.inIsTerminal) return;
  const backup = await home.call(backupInfoOperation, { backup: reference }, { flags });
  const { name, copies } = backup;
  const where = copies.map(
    ({ file, location, pinned }) =>
      `  ${printable(file)} at ${printable(location)}${pinned === true ? ", where it is pinned" : ""}\n`,
  );
  const answer = await console.ask(
    `${where.join("")}Remove "${printable(name ?? "")}" for good? [y/N] `,
  );
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new SafehouseError("cancelled", "Nothing was removed");
}
