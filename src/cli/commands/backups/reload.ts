import type { Command } from "commander";
import { reloadBackupsOperation } from "#operations/backups/reload-backups.ts";
import type { CommandRunner } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { formatSilent } from "./format-silent.ts";

export function addBackupsReload(group: Command, runner: CommandRunner): void {
  const command = group
    .command("reload")
    .description("believe nothing that is remembered and read every archive's headers again");
  addLocationOption(command);
  addExamples(command, ["safehouse backups reload", "safehouse backups reload --location nas"]);
  runner.attachLinked<PlaceFlags>(command, async (context, flags) => {
    const counts = await context.home.call(reloadBackupsOperation, {}, { flags });
    const { backups, others, locations = [] } = counts;
    const text = `${backups} backups, ${others} other files\n${formatSilent(locations)}`;
    await context.print({ json: counts, text });
    return locations.some(({ problem }) => problem) ? exitIncomplete : exitOk;
  });
}
