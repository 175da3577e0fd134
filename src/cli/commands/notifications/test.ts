import type { Command } from "commander";
import { testChannelOperation } from "#operations/notifications/test-channel.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

export function addNotificationsTest(group: Command, runner: CommandRunner): void {
  const command = group
    .command("test <id>")
    .description("send a real message through a channel, and say why if that fails");
  addExamples(command, ["safehouse notifications test ntfy"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [channel = ""]) => {
    const { id, destination } = await context.home.call(
      testChannelOperation,
      { channel },
      { flags },
    );
    const text = `${printable(destination)} took a test message; look whether it arrived\n`;
    await context.print({ json: { id, destination, status: "told" }, text });
  });
}
