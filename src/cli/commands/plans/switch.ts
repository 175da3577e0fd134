import type { Command } from "commander";
import { switchPlanOperation } from "#operations/plans/switch-plan.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { nextText } from "./plan-output.ts";

export function addPlansEnable(group: Command, runner: CommandRunner): void {
  const command = group
    .command("enable <id>")
    .description("let a plan run by itself; what it has not done until now is not missed");
  addExamples(command, ["safehouse plans enable nightly"]);
  runner.attachLinked<CommonFlags>(command, switchTo(true));
}

export function addPlansDisable(group: Command, runner: CommandRunner): void {
  const command = group
    .command("disable <id>")
    .description("do not let a plan run by itself; its backups stay");
  addExamples(command, ["safehouse plans disable nightly"]);
  runner.attachLinked<CommonFlags>(command, switchTo(false));
}

function switchTo(enabled: boolean): Parameters<CommandRunner["attach"]>[1] {
  return async (context, flags, [id = ""]) => {
    const wanted = { plan: id, enabled };
    const plan = await context.home.call(switchPlanOperation, wanted, { flags });
    const text = enabled
      ? `Plan ${plan.id} is enabled; next run: ${nextText(plan)}\n`
      : `Plan ${plan.id} is disabled\n`;
    await context.print({ json: plan, text });
  };
}
