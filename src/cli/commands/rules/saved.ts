import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { addExamples } from "../options.ts";

type Flags = PlaceFlags & CommonFlags;

export function addRulesList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .description("list the saved rules, in the order in which they apply");
  addExamples(command, ["safehouse rules list"]);
  runner.attach<Flags>(command, async (context, flags) =>
    printRules(context, (await context.services.readSettings(flags)).rules),
  );
}

export function addRulesAdd(group: Command, runner: CommandRunner): void {
  const command = group
    .command("add <rules...>")
    .description("save rules, behind those that are saved; the last that matches decides");
  addExamples(command, ["safehouse rules add 'media/**' '!media/doorbell/**'"]);
  runner.attach<Flags>(command, async (context, flags, rules) => {
    rules.forEach(parseRule);
    const { paths, rules: saved } = await context.services.readSettings(flags);
    const all = [...saved.filter((rule) => !rules.includes(rule)), ...rules];
    await context.services.saveSettings(flags, { paths, rules: all });
    await printRules(context, all);
  });
}

export function addRulesRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <rules...>")
    .description("forget saved rules, as rules list shows them");
  addExamples(command, ["safehouse rules remove 'media/**'"]);
  runner.attach<Flags>(command, async (context, flags, rules) => {
    const { paths, rules: saved } = await context.services.readSettings(flags);
    const unknown = rules.find((rule) => !saved.includes(rule));
    if (unknown !== undefined)
      throw new SafehouseError("not-found", `No saved rule reads ${unknown}`);
    const left = saved.filter((rule) => !rules.includes(rule));
    await context.services.saveSettings(flags, { paths, rules: left });
    await printRules(context, left);
  });
}

function printRules(context: CommandContext, rules: readonly string[]): Promise<void> {
  const text =
    rules.length === 0
      ? "No rules are saved\n"
      : rules.map((rule) => `${printable(rule)}\n`).join("");
  return context.print({ json: { rules }, text });
}
