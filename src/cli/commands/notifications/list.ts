import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import type { Channel } from "#core/notifications/channel.ts";
import type { StoredChannel } from "#jobs/channel-store-port.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable } from "../../output/table.ts";
import type { OpenNotifications } from "#operations/services.ts";
import { addExamples } from "../options.ts";
import { channelJson } from "./channel-output.ts";

export function addNotificationsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the channels, without their secrets");
  addExamples(command, ["safehouse notifications list"]);
  runner.attach<CommonFlags>(command, async (context, flags) => {
    await using notifications = await context.services.openNotifications(flags);
    const stored = await notifications.channels.list();
    const text =
      stored.length === 0
        ? "Nobody is told when something goes wrong; add a channel: safehouse notifications add --help\n"
        : formatTable(
            [
              { title: "ID" },
              { title: "KIND" },
              { title: "NAME" },
              { title: "TELLS" },
              { title: "PLANS" },
              { title: "LEADS TO" },
            ],
            stored.map((channel) => rowOf(channel, notifications)),
          );
    await context.print({ json: { channels: stored.map(channelJson) }, text });
  });
}

function rowOf(
  { id, channel, problem }: StoredChannel,
  notifications: OpenNotifications,
): string[] {
  if (channel === undefined) return [id, "", "", "", "", `cannot be used: ${problem?.message}`];
  const { kind, name, events, plans } = channel;
  const cells = [id, kind, name, events.join(", "), plans.join(", ") || "all"];
  return [...cells, destinationOf(channel, notifications)];
}

/** One channel that cannot be used does not keep the others from being shown. */
function destinationOf(channel: Channel, notifications: OpenNotifications): string {
  try {
    return notifications.openChannel(channel).destination;
  } catch (error) {
    if (error instanceof SafehouseError) return `cannot be used: ${error.message}`;
    throw error;
  }
}
