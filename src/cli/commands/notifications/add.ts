import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import type { ChannelKind } from "#core/notifications/channel.ts";
import { channelFields, channelKinds } from "#core/notifications/channel-fields.ts";
import { notificationEvents } from "#core/notifications/notification.ts";
import { addChannelOperation } from "#operations/notifications/add-channel.ts";
import { changeChannelOperation } from "#operations/notifications/change-channel.ts";
import type { DescribedChannel } from "#operations/notifications/channel-schema.ts";
import { listChannelsOperation } from "#operations/notifications/list-channels.ts";
import type { PlaceFlags } from "#operations/services.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { readChannelSettings, type ChannelSettingFlags } from "../../input/channel-settings.ts";
import { printable } from "../../output/table.ts";
import { addExamples, collect, collectWhole } from "../options.ts";

interface Flags extends PlaceFlags, CommonFlags, ChannelSettingFlags {
  readonly id?: string;
  readonly name?: string;
  readonly event?: readonly string[];
  readonly plan?: readonly string[];
}

export function addNotificationsAdd(group: Command, runner: CommandRunner): void {
  const command = group
    .command("add <kind>")
    .description(`add a channel: ${channelKinds.join(", ")}`)
    .option("--id <id>", "how commands call it; the kind if nothing is said");
  addChannelOptions(command);
  addExamples(command, [
    "safehouse notifications add ntfy",
    "safehouse notifications add ping --plan nightly",
    "safehouse notifications add email --set host=mail.example.org --set user=me --ask password --set from=ha@example.org --set to=me@example.org",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags, [given = ""]) => {
    const kind = kindOf(given);
    const { id = kind, name, event, plan } = flags;
    const { console } = context;
    const fields = channelFields[kind];
    const settings = await readChannelSettings(fields, flags, { console, before: undefined });
    const wanted = { id, kind, name, settings, events: listed(event), plans: listed(plan) };
    const added = await context.home.call(addChannelOperation, wanted, { flags });
    await printChannel(context, added, "Added");
  });
}

export function addNotificationsChange(group: Command, runner: CommandRunner): void {
  const command = group
    .command("change <id>")
    .description("change a channel; what is not named stays, secrets too");
  addChannelOptions(command);
  addExamples(command, [
    "safehouse notifications change ntfy --event alert,recovered",
    "safehouse notifications change ntfy --ask token",
    "safehouse notifications change ntfy --set priority=",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags, [channel = ""]) => {
    const { console, home } = context;
    const { name, event, plan, set = [] } = flags;
    const { channels } = await home.call(listChannelsOperation, {}, { flags });
    const fields = channelFields[kindOfChannel(channels, channel)];
    const given = await readChannelSettings(fields, flags, { console, before: {} });
    const cleared = set.filter((item) => item.endsWith("=")).map((item) => item.slice(0, -1));
    const settings = { ...Object.fromEntries(cleared.map((item) => [item, null])), ...given };
    const wanted = { channel, name, settings, events: listed(event), plans: listed(plan) };
    const changed = await home.call(changeChannelOperation, wanted, { flags });
    await printChannel(context, changed, "Changed");
  });
}

function addChannelOptions(command: Command): void {
  command
    .option("--name <text>", "name for people")
    .option("--set <name=value>", "a setting that is no secret; empty takes it away", collectWhole)
    .option(
      "--from-file <name=file>",
      "a setting from a file; of a secret its first line",
      collectWhole,
    )
    .option("--ask <name>", "ask for a setting on the terminal", collect)
    .option("--event <event>", `what it tells: ${notificationEvents.join(", ")}`, collect)
    .option("--plan <id>", "the plans that it is about; all if nothing is said", collect);
}

function kindOf(given: string): ChannelKind {
  const known = channelKinds.find((candidate) => candidate === given);
  if (known !== undefined) return known;
  throw new SafehouseError("usage", `There is no kind of channel called ${given}`, {
    subject: given,
    advice: `Use one of these: ${channelKinds.join(", ")}`,
  });
}

function kindOfChannel(channels: readonly DescribedChannel[], id: string): ChannelKind {
  const found = channels.find((candidate) => candidate.id === id);
  if (found === undefined)
    throw new SafehouseError("not-found", `There is no channel ${id}`, {
      subject: id,
      advice: "See what there is: safehouse notifications list",
    });
  const { kind, problem } = found;
  if (kind !== null) return kindOf(kind);
  throw new SafehouseError("damaged", `The channel ${id} cannot be used: ${problem?.message}`, {
    subject: id,
    advice: "Remove it, and add it again",
  });
}

function listed(items: readonly string[] | undefined): string[] | undefined {
  return items === undefined ? undefined : [...items];
}

async function printChannel(
  context: CommandContext,
  channel: DescribedChannel,
  done: string,
): Promise<void> {
  const { id } = channel;
  const text = `${done} channel ${printable(id)}; try it: safehouse notifications test ${id}\n`;
  await context.print({ json: channel, text });
}
