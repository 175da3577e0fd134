import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { removePlanOperation } from "#operations/plans/remove-plan.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

interface Flags extends CommonFlags {
  readonly yes?: boolean;
}

export function addPlansRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <id>")
    .aliases(["delete", "rm"])
    .description("forget a plan; its backups stay, and no rule of it lets them go any more")
    .option("-y, --yes", "do not ask");
  addExamples(command, ["safehouse plans remove nightly"]);
  runner.attachLinked<Flags>(command, async (context, flags, [id = ""]) => {
    await confirm(context, flags, id);
    const removed = await context.home.call(removePlanOperation, { plan: id }, { flags });
    const text = `Removed plan ${printable(id)}; its backups stay\n`;
    await context.print({ json: removed, text });
  });
}

async function confirm({ console }: CommandContext, flags: Flags, id: string): Promise<void> {
  if (flags.yes === true || !console.inIsTerminal) return;
  const answer = await console.ask(`Forget plan ${printable(id)}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new SafehouseError("cancelled", "Nothing was removed");
}
