import type { Command } from "commander";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { alertJson, formatAlerts } from "./alert-output.ts";

export function addAlertsCheck(group: Command, runner: CommandRunner): void {
  const command = group
    .command("check")
    .description("look what is wrong now, tell the channels what is new, and list it");
  addExamples(command, ["safehouse alerts check"]);
  runner.attach<CommonFlags>(command, async (context, flags) => {
    await using notifications = await context.services.openNotifications(flags);
    const news = await notifications.check(context.signal);
    const open = await notifications.alerts.open(notifications.home);
    const told = news.map(({ event, alert }) => ({ event, alert: alertJson(alert) }));
    const text = formatAlerts(open);
    await context.print({ json: { alerts: open.map(alertJson), news: told }, text });
  });
}
