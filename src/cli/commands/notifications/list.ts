import type { Command } from "commander";
import type { DescribedChannel } from "#operations/notifications/channel-schema.ts";
import { listChannelsOperation } from "#operations/notifications/list-channels.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

export function addNotificationsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the channels, without their secrets");
  addExamples(command, ["safehouse notifications list"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const listed = await context.home.call(listChannelsOperation, {}, { flags });
    await context.print({ json: listed, text: toText(listed.channels) });
  });
}

const columns = ["ID", "KIND", "NAME", "TELLS", "PLANS", "LEADS TO"];

function toText(channels: readonly DescribedChannel[]): string {
  if (channels.length === 0)
    return "Nobody is told when something goes wrong; add a channel: safehouse notifications add --help\n";
  return formatTable(
    columns.map((title) => ({ title })),
    channels.map(rowOf),
  );
}

function rowOf({ id, kind, name, events, plans, destination, problem }: DescribedChannel) {
  const leadsTo = destination ?? `cannot be used: ${problem?.message}`;
  if (kind === null) return [id, "", "", "", "", leadsTo];
  return [id, kind, name ?? "", events.join(", "), plans.join(", ") || "all", leadsTo];
}
