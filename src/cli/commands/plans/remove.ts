import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
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
  runner.attach<Flags>(command, async (context, flags, [id = ""]) => {
    const { store } = context.services.plans(flags);
    await confirm(context, flags, id);
    await store.remove(id);
    const text = `Removed plan ${printable(id)}; its backups stay\n`;
    await context.print({ json: { removed: id }, text });
  });
}

async function confirm({ console }: CommandContext, flags: Flags, id: string): Promise<void> {
  if (flags.yes === true || !console.inIsTerminal) return;
  const answer = await console.ask(`Forget plan ${printable(id)}? [y/N] `);
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new SafehouseError("cancelled", "Nothing was removed");
}
