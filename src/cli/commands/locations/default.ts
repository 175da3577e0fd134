import type { Command } from "commander";
import { useLocationOperation } from "#operations/locations/use-location.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { locationText } from "./describe-location.ts";

export function addLocationsDefault(group: Command, runner: CommandRunner): void {
  const command = group
    .command("default <id>")
    .description("back up to this location where none is named");
  addExamples(command, ["safehouse locations default nas"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const chosen = await context.home.call(useLocationOperation, { location: id }, { flags });
    const text = `${locationText(chosen)} is where backups go from now on, unless another is named\n`;
    await context.print({ json: chosen, text });
  });
}
