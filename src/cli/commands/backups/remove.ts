import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { findBackup } from "#jobs/backup/list-backups.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { printable } from "../../output/table.ts";
import { addExamples, addLocationOption } from "../options.ts";

export function addBackupsRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <slug>")
    .aliases(["delete", "rm"])
    .description("remove a backup, by slug or file name")
    .option("-y, --yes", "do not ask");
  addLocationOption(command);
  addExamples(command, ["safehouse backups remove 7fed74c8 --yes"]);
  runner.attach<PlaceFlags & { yes?: boolean }>(command, async (context, flags, [slug = ""]) => {
    const { console, signal } = context;
    await using place = await context.services.openLocation(flags);
    const backup = await findBackup(place.location, slug, signal);
    if (flags.yes !== true && console.inIsTerminal) {
      const answer = await console.ask(
        `Remove ${backup.file} "${printable(backup.name ?? "")}" for good? [y/N] `,
      );
      if (!/^y(es)?$/i.test(answer.trim()))
        throw new SafehouseError("cancelled", "Nothing was removed");
    }
    await place.location.remove(backup.file, signal);
    await context.print({
      json: { removed: backup.file, slug: backup.slug },
      text: `Removed ${printable(backup.file)}\n`,
    });
  });
}
