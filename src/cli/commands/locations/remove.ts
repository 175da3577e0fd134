import type { Command } from "commander";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { locationText } from "./describe-location.ts";

export function addLocationsRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <id>")
    .aliases(["delete", "rm"])
    .description("forget a location; its backups stay where they are");
  addExamples(command, ["safehouse locations remove nas"]);
  runner.attach<CommonFlags>(command, async (context, flags, [id = ""]) => {
    await using open = await context.services.openLocations(flags);
    const removed = await open.setUp.remove(id);
    await context.print({
      json: { removed: id, name: removed.name },
      text: `${locationText(removed)} is forgotten; its backups are still there\n`,
    });
  });
}
