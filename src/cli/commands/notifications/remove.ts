import type { Command } from "commander";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

export function addNotificationsRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <id>")
    .aliases(["delete", "rm"])
    .description("forget a channel, its secrets, and what still waits for it");
  addExamples(command, ["safehouse notifications remove ntfy"]);
  runner.attach<CommonFlags>(command, async (context, flags, [id = ""]) => {
    await using notifications = await context.services.openNotifications(flags);
    const { channels, alerts, home } = notifications;
    await channels.remove(id);
    await alerts.forget(home, id);
    await context.print({ json: { removed: id }, text: `Removed channel ${printable(id)}\n` });
  });
}
