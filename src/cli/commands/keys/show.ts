import type { Command } from "commander";
import { findKey } from "#keys/find-key.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { addExamples } from "../options.ts";

export function addKeysShow(group: Command, runner: CommandRunner): void {
  const command = group.command("show <id>").description("print a key, dashes included");
  addExamples(command, ["safehouse keys show 3f9a1c"]);
  runner.attach<PlaceFlags>(command, async (context, flags, [id = ""]) => {
    const store = context.services.keyRing(flags);
    const { name } = findKey(await store.read(), id);
    const key = await store.reveal(id);
    await context.print({ json: { id, name, key }, text: `${key}\n` });
  });
}
