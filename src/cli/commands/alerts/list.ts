import type { Command } from "commander";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { alertJson, formatAlerts } from "./alert-output.ts";

export function addAlertsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list what was wrong when that was last looked at, and goes on");
  addExamples(command, ["safehouse alerts list", "safehouse alerts list --json"]);
  runner.attach<CommonFlags>(command, async (context, flags) => {
    await using notifications = await context.services.openNotifications(flags);
    const open = await notifications.alerts.open(notifications.home);
    await context.print({ json: { alerts: open.map(alertJson) }, text: formatAlerts(open) });
  });
}
