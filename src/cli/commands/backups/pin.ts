import type { Command } from "commander";
import { atEachCopy } from "#jobs/locations/at-each-copy.ts";
import { pinBackup, unpinBackup } from "#jobs/notes/pin-backup.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { chosenCopies } from "#jobs/locations/chosen-copies.ts";
import { exitCodeOf, formatOutcomes } from "./format-outcomes.ts";

export function addBackupsPin(group: Command, runner: CommandRunner): void {
  const command = group
    .command("pin <slug>")
    .description("keep a backup whatever rules say, by slug or file name; wherever it is");
  addExamples(command, [
    "safehouse backups pin 7fed74c8",
    "safehouse backups pin 7fed74c8 --location nas",
  ]);
  attach(command, runner, true);
}

export function addBackupsUnpin(group: Command, runner: CommandRunner): void {
  const command = group
    .command("unpin <slug>")
    .description("leave a backup to the rules again, by slug or file name");
  addExamples(command, ["safehouse backups unpin 7fed74c8"]);
  attach(command, runner, false);
}

function attach(command: Command, runner: CommandRunner, pinned: boolean): void {
  addLocationOption(command);
  runner.attach<PlaceFlags>(command, async (context, flags, [reference = ""]) => {
    const { signal } = context;
    await using open = await context.services.openLocations(flags);
    const { locations, clock } = open;
    const found = await chosenCopies(open, reference, signal);
    const set = pinned ? pinBackup : unpinBackup;
    const copies = await atEachCopy(found, { locations, signal }, (location, file) =>
      set(location, file, { clock, signal }),
    );
    const { slug, name } = found.backup;
    await context.print({
      json: { slug, name, pinned, copies },
      text: formatOutcomes(copies, pinned ? "Pinned" : "Unpinned"),
    });
    return exitCodeOf(copies);
  });
}
