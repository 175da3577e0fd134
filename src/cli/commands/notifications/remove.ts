import type { Command } from "commander";
import { removeChannelOperation } from "#operations/notifications/remove-channel.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

export function addNotificationsRemove(group: Command, runner: CommandRunner): void {
  const command = group
    .command("remove <id>")
    .aliases(["delete", "rm"])
    .description("forget a channel, its secrets, and what still waits for it");
  addExamples(command, ["safehouse notifications remove ntfy"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags, [channel = ""]) => {
    const gone = await context.home.call(removeChannelOperation, { channel }, { flags });
    await context.print({ json: gone, text: `Removed channel ${printable(gone.removed)}\n` });
  });
}
