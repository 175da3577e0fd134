import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { listRulesOperation } from "#operations/rules/list-rules.ts";
import { saveRulesOperation } from "#operations/rules/save-rules.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";

type Flags = PlaceFlags & CommonFlags;

export function addRulesList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .description("list the saved rules, in the order in which they apply");
  addExamples(command, ["safehouse rules list"]);
  runner.attachLinked<Flags>(command, async (context, flags) =>
    printRules(context, await savedRules(context, flags)),
  );
}

export function addRulesAdd(group: Command, runner: CommandRunner): void {
  const command = group
    .command("add <rules...>")
    .description("save rules, behind those that are saved; the last that matches decides");
  addExamples(command, ["safehouse rules add 'media/**' '!media/doorbell/**'"]);
  runner.attachLinked<Flags>(command, async (context, flags, rules) => {
    const saved = await savedRules(context, flags);
    const all = [...saved.filter((rule) => !rules.includes(rule)), ...rules];
    await saveRules(context, flags, all);
  });
}

export function addRulesRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <rules...>")
    .description("forget saved rules, as rules list shows them");
  addExamples(command, ["safehouse rules remove 'media/**'"]);
  runner.attachLinked<Flags>(command, async (context, flags, rules) => {
    const saved = await savedRules(context, flags);
    const unknown = rules.find((rule) => !saved.includes(rule));
    if (unknown !== undefined)
      throw new SafehouseError("not-found", `No saved rule reads ${unknown}`);
    const left = saved.filter((rule) => !rules.includes(rule));
    await saveRules(context, flags, left);
  });
}

async function savedRules({ home }: CommandContext, flags: Flags): Promise<readonly string[]> {
  return (await home.call(listRulesOperation, {}, { flags })).rules;
}

async function saveRules(
  context: CommandContext,
  flags: Flags,
  rules: readonly string[],
): Promise<void> {
  const saved = await context.home.call(saveRulesOperation, { rules: [...rules] }, { flags });
  await printRules(context, saved.rules);
}

function printRules(context: CommandContext, rules: readonly string[]): Promise<void> {
  const text =
    rules.length === 0
      ? "No rules are saved\n"
      : rules.map((rule) => `${printable(rule)}\n`).join("");
  return context.print({ json: { rules }, text });
}
