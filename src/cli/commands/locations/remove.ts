import type { Command } from "commander";
import { removeLocationOperation } from "#operations/locations/remove-location.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { locationText } from "./describe-location.ts";

export function addLocationsRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <id>")
    .aliases(["delete", "rm"])
    .description("forget a location; its backups stay where they are");
  addExamples(command, ["safehouse locations remove nas"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const wanted = { location: id };
    const { name, where } = await context.home.call(removeLocationOperation, wanted, { flags });
    await context.print({
      json: { removed: id, name },
      text: `${locationText({ id, name, where })} is forgotten; its backups are still there\n`,
    });
  });
}
