import type { Command } from "commander";
import { checkAlertsOperation } from "#operations/alerts/check-alerts.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { formatAlerts } from "./format-alerts.ts";

export function addAlertsCheck(group: Command, runner: CommandRunner): void {
  const command = group
    .command("check")
    .description("look what is wrong now, tell the channels what is new, and list it");
  addExamples(command, ["safehouse alerts check"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const found = await context.home.call(checkAlertsOperation, {}, { flags });
    await context.print({ json: found, text: formatAlerts(found.alerts) });
  });
}
