import type { Command } from "commander";
import { listLocationsOperation } from "#operations/locations/list-locations.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { formatLocations } from "./describe-location.ts";

export function addLocationsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the locations of backups; none of them is asked");
  addExamples(command, ["safehouse locations list"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const listed = await context.home.call(listLocationsOperation, {}, { flags });
    await context.print({ json: listed, text: formatLocations(listed.locations) });
  });
}
