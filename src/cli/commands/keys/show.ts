import type { Command } from "commander";
import { revealKeyOperation } from "#operations/keys/reveal-key.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";

export function addKeysShow(group: Command, runner: CommandRunner): void {
  const command = group.command("show <id>").description("print a key, dashes included");
  addExamples(command, ["safehouse keys show 3f9a1c"]);
  runner.attachLinked<PlaceFlags>(command, async (context, flags, [id = ""]) => {
    const shown = await context.home.call(revealKeyOperation, { key: id }, { flags });
    await context.print({ json: shown, text: `${shown.key}\n` });
  });
}
