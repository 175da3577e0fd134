import type { Command } from "commander";
import { listAlertsOperation } from "#operations/alerts/list-alerts.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { formatAlerts } from "./format-alerts.ts";

export function addAlertsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list what was wrong when that was last looked at, and goes on");
  addExamples(command, ["safehouse alerts list", "safehouse alerts list --json"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const found = await context.home.call(listAlertsOperation, {}, { flags });
    await context.print({ json: found, text: formatAlerts(found.alerts) });
  });
}
