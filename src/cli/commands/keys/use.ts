import type { Command } from "commander";
import { findKey } from "#keys/find-key.ts";
import { useKey } from "#keys/use-key.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { addExamples } from "../options.ts";
import { keyJson, keyText } from "./key-output.ts";

export function addKeysUse(group: Command, runner: CommandRunner): void {
  const command = group.command("use <id>").description("encrypt new backups with this key");
  addExamples(command, ["safehouse keys use 3f9a1c"]);
  runner.attach<PlaceFlags>(command, async (context, flags, [id = ""]) => {
    const ring = await context.services
      .keyRing(flags)
      .change((before) => ({ ring: useKey(before, id) }));
    const key = findKey(ring, id);
    const text = `New backups are encrypted with key ${keyText(key)}\n`;
    await context.print({ json: keyJson(key, ring), text });
  });
}
