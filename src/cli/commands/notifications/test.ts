import type { Command } from "commander";
import { testNotification } from "#core/notifications/test-notification.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";
import { findChannel } from "#jobs/alerts/find-channel.ts";

export function addNotificationsTest(group: Command, runner: CommandRunner): void {
  const command = group
    .command("test <id>")
    .description("send a real message through a channel, and say why if that fails");
  addExamples(command, ["safehouse notifications test ntfy"]);
  runner.attach<CommonFlags>(command, async (context, flags, [id = ""]) => {
    const { services, console, signal } = context;
    await using notifications = await services.openNotifications(flags);
    const found = await findChannel(notifications.channels, id);
    const channel = notifications.openChannel(found);
    await channel.send(testNotification(found.name, console.now()), signal);
    const { destination } = channel;
    const text = `${printable(destination)} took a test message; look whether it arrived\n`;
    await context.print({ json: { id, destination, status: "told" }, text });
  });
}
