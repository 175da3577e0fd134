import type { Command } from "commander";
import { atEachCopy } from "#jobs/locations/at-each-copy.ts";
import { noteBackup } from "#jobs/notes/note-backup.ts";
import type { CommandRunner } from "../../command-context.ts";
import { archivePassword } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption, addPasswordOptions } from "../options.ts";
import { chosenCopies } from "#jobs/locations/chosen-copies.ts";
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
  runner.attach<PlaceFlags & PasswordFlags>(
    command,
    async (context, flags, [reference = "", text = ""]) => {
      const { signal, progress } = context;
      await using open = await context.services.openLocations(flags);
      const { locations, clock } = open;
      const found = await chosenCopies(open, reference, signal);
      const askPassword = archivePassword(context, flags);
      const copies = await atEachCopy(found, { locations, signal }, (location, file) =>
        noteBackup(location, file, { text, askPassword, clock, signal }),
      );
      progress.clear();
      const { slug, name } = found.backup;
      const done = text.trim() === "" ? "Removed the note on" : "Wrote the note on";
      await context.print({ json: { slug, name, copies }, text: formatOutcomes(copies, done) });
      return exitCodeOf(copies);
    },
  );
}
