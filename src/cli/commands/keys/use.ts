import type { Command } from "commander";
import { useKeyOperation } from "#operations/keys/use-key.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";
import { keyText } from "./key-output.ts";

export function addKeysUse(group: Command, runner: CommandRunner): void {
  const command = group.command("use <id>").description("encrypt new backups with this key");
  addExamples(command, ["safehouse keys use 3f9a1c"]);
  runner.attachLinked<PlaceFlags>(command, async (context, flags, [id = ""]) => {
    const key = await context.home.call(useKeyOperation, { key: id }, { flags });
    const text = `New backups are encrypted with key ${keyText(key)}\n`;
    await context.print({ json: key, text });
  });
}
