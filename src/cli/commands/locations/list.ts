import type { Command } from "commander";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { formatLocations } from "./describe-location.ts";

export function addLocationsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the locations of backups; none of them is asked");
  addExamples(command, ["safehouse locations list"]);
  runner.attach<CommonFlags>(command, async (context, flags) => {
    await using open = await context.services.openLocations(flags);
    const locations = await open.setUp.describe();
    await context.print({ json: { locations }, text: formatLocations(locations) });
  });
}
