import type { Command } from "commander";
import { listBackups } from "#jobs/backup/list-backups.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { addExamples, addLocationOption } from "../options.ts";

export function addBackupsReload(group: Command, runner: CommandRunner): void {
  const command = group
    .command("reload")
    .description("forget what is remembered of a location and read every archive's headers again");
  addLocationOption(command);
  addExamples(command, ["safehouse backups reload"]);
  runner.attach<PlaceFlags>(command, async (context, flags) => {
    await using place = await context.services.openLocation(flags);
    await place.location.doubt();
    const { backups, others } = await listBackups(place.location, context.signal);
    const json = { backups: backups.length, others: others.length };
    await context.print({
      json,
      text: `${backups.length} backups, ${others.length} other files\n`,
    });
  });
}
