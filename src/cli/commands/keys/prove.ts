import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { kitQuestionsOperation } from "#operations/keys/kit-questions.ts";
import { longestKit, proveKeyOperation } from "#operations/keys/prove-key.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";
import { keyText } from "./key-output.ts";

interface Flags extends PlaceFlags, CommonFlags {
  readonly kitFile?: string;
}

export function addKeysProve(group: Command, runner: CommandRunner): void {
  const command = group
    .command("prove <id>")
    .description("show that the emergency kit of a key is at hand, by two groups of the key")
    .option("--kit-file <file>", "read a copy of the kit instead of asking for groups");
  addExamples(command, [
    "safehouse keys prove 3f9a1c",
    "safehouse keys prove 3f9a1c --kit-file /media/usb/emergency-kit.txt",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags, [id = ""]) => {
    const { kitFile } = flags;
    const shown =
      kitFile === undefined
        ? await askForGroups(context, flags, id)
        : { kit: (await context.console.readTextFile(kitFile)).slice(0, longestKit) };
    const key = await context.home.call(proveKeyOperation, { key: id, ...shown }, { flags });
    const text = `The emergency kit of key ${keyText(key)} is at hand\n`;
    await context.print({ json: key, text });
  });
}

/** All is asked before it is judged, so that whoever holds the wrong kit sees that nothing fits. */
async function askForGroups(
  { console, home }: CommandContext,
  flags: Flags,
  id: string,
): Promise<{ readonly whole: string } | { readonly groups: Record<string, string> }> {
  const asked = await home.call(kitQuestionsOperation, { key: id }, { flags });
  if (!console.inIsTerminal)
    throw new SafehouseError("usage", "There is no terminal on which groups could be asked for", {
      advice: "Name a copy of the kit with --kit-file",
    });
  const groups: Record<string, string> = {};
  for (const { group, label } of asked.questions) {
    const typed = await console.askSecret(`${label} of key ${keyText(asked)}: `);
    if (group === null) return { whole: typed };
    groups[group] = typed;
  }
  return { groups };
}
