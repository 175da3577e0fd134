import type { Command } from "commander";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { locationText } from "./describe-location.ts";

export function addLocationsDefault(group: Command, runner: CommandRunner): void {
  const command = group
    .command("default <id>")
    .description("back up to this location where none is named");
  addExamples(command, ["safehouse locations default nas"]);
  runner.attach<CommonFlags>(command, async (context, flags, [id = ""]) => {
    await using open = await context.services.openLocations(flags);
    const chosen = await open.setUp.makeDefault(id);
    const text = `${locationText(chosen)} is where backups go from now on, unless another is named\n`;
    await context.print({ json: chosen, text });
  });
}
