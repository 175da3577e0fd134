import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { changeLocationOperation } from "#operations/locations/change-location.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { locationText } from "./describe-location.ts";
import { kindOf } from "./kind-of.ts";
import { addSettingOptions, type SettingFlags } from "./setting-options.ts";
import { settingsOf } from "./settings-of.ts";

export function addLocationsChange(group: Command, runner: CommandRunner): void {
  const command = group
    .command("change <id>")
    .description("change a location; backups are not moved to where it comes to lie");
  addSettingOptions(command);
  addExamples(command, ["safehouse locations change nas --path /mnt/new-nas/backups"]);
  runner.attachLinked<SettingFlags & CommonFlags>(command, async (context, flags, [id = ""]) => {
    const { name } = flags;
    const kind = await kindOf({ location: id }, flags, context);
    const settings = await settingsOf(flags, { context, kind });
    if (name === undefined && Object.keys(settings).length === 0)
      throw new SafehouseError("usage", "Nothing is to be changed", {
        advice: "Use --name, --path, --set, --from-file or --ask",
      });
    const wanted = { location: id, name, settings };
    const changed = await context.home.call(changeLocationOperation, wanted, { flags });
    await context.print({ json: changed, text: `${locationText(changed)} is changed\n` });
  });
}
