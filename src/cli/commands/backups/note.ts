import type { Command } from "commander";
import { noteBackupOperation } from "#operations/backups/note-backup.ts";
import type { CommandRunner } from "../../command-context.ts";
import { passwordSources } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption, addPasswordOptions } from "../options.ts";
import { exitCodeOf, formatOutcomes } from "./format-outcomes.ts";

export function addBackupsNote(group: Command, runner: CommandRunner): void {
  const command = group
    .command("note <slug> <text>")
    .description("write a note about a backup, by slug or file name; an empty one removes it");
  addPasswordOptions(command);
  addLocationOption(command);
  addExamples(command, [
    "safehouse backups note 7fed74c8 'Before the move to the new house'",
    "safehouse backups note 7fed74c8 ''",
  ]);
  runner.attachLinked<PlaceFlags & PasswordFlags>(
    command,
    async (context, flags, [reference = "", text = ""]) => {
      const asking = { flags, passwords: passwordSources(context, flags) };
      const wanted = { backup: reference, text };
      const noted = await context.home.call(noteBackupOperation, wanted, asking);
      const done = text.trim() === "" ? "Removed the note on" : "Wrote the note on";
      await context.print({ json: noted, text: formatOutcomes(noted.copies, done) });
      return exitCodeOf(noted.copies);
    },
  );
}
