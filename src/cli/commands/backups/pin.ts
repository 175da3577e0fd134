import type { Command } from "commander";
import { pinBackupOperation } from "#operations/backups/pin-backup.ts";
import { unpinBackupOperation } from "#operations/backups/unpin-backup.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { exitCodeOf, formatOutcomes } from "./format-outcomes.ts";

export function addBackupsPin(group: Command, runner: CommandRunner): void {
  const command = group
    .command("pin <slug>")
    .description("keep a backup whatever rules say, by slug or file name; wherever it is");
  addExamples(command, [
    "safehouse backups pin 7fed74c8",
    "safehouse backups pin 7fed74c8 --location nas",
  ]);
  attach(command, runner, pinBackupOperation);
}

export function addBackupsUnpin(group: Command, runner: CommandRunner): void {
  const command = group
    .command("unpin <slug>")
    .description("leave a backup to the rules again, by slug or file name");
  addExamples(command, ["safehouse backups unpin 7fed74c8"]);
  attach(command, runner, unpinBackupOperation);
}

function attach(
  command: Command,
  runner: CommandRunner,
  operation: typeof pinBackupOperation,
): void {
  addLocationOption(command);
  runner.attachLinked<PlaceFlags>(command, async (context, flags, [reference = ""]) => {
    const done = await context.home.call(operation, { backup: reference }, { flags });
    const word = done.pinned ? "Pinned" : "Unpinned";
    await context.print({ json: done, text: formatOutcomes(done.copies, word) });
    return exitCodeOf(done.copies);
  });
}
