import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { locationText } from "./describe-location.ts";
import { addSettingOptions, settingsOf, type SettingFlags } from "./setting-options.ts";

export function addLocationsChange(group: Command, runner: CommandRunner): void {
  const command = group
    .command("change <id>")
    .description("change a location; backups are not moved to where it comes to lie");
  addSettingOptions(command);
  addExamples(command, ["safehouse locations change nas --path /mnt/new-nas/backups"]);
  runner.attach<SettingFlags & CommonFlags>(command, async (context, flags, [id = ""]) => {
    const { name } = flags;
    const settings = settingsOf(flags);
    if (name === undefined && Object.keys(settings).length === 0)
      throw new SafehouseError("usage", "Nothing is to be changed", {
        advice: "Use --name, --path or --set",
      });
    await using open = await context.services.openLocations(flags);
    const changed = await open.setUp.change(id, { name, settings }, context.signal);
    await context.print({ json: changed, text: `${locationText(changed)} is changed\n` });
  });
}
