import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import {
  channelFields,
  channelKinds,
  type ChannelField,
} from "#core/notifications/channel-fields.ts";
import { notificationEvents } from "#core/notifications/notification.ts";
import type { ChannelStore } from "#jobs/channel-store-port.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { readChannelSettings, type ChannelSettingFlags } from "../../input/channel-settings.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, collect, collectWhole } from "../options.ts";
import { channelJson } from "./channel-output.ts";
import { findChannel } from "#jobs/alerts/find-channel.ts";

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
  runner.attach<Flags>(command, async (context, flags, [kind = ""]) => {
    const { console, services } = context;
    await using notifications = await services.openNotifications(flags);
    const fields = fieldsOf(kind);
    const { id = kind, name = `${kind} notifications`, event: events, plan: plans } = flags;
    const settings = await readChannelSettings(fields, flags, { console, before: undefined });
    await notifications.channels.add({ id, kind, name, settings, events, plans });
    await printChannel(context, notifications.channels, { id, done: "Added" });
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
  runner.attach<Flags>(command, async (context, flags, [id = ""]) => {
    const { console, services } = context;
    const { name, event, plan } = flags;
    await using notifications = await services.openNotifications(flags);
    const { channels } = notifications;
    const { kind } = await findChannel(channels, id);
    const fields = channelFields[kind];
    // What people have to be asked for is asked before the settings are locked.
    const given = await readChannelSettings(fields, flags, { console, before: {} });
    const cleared = (flags.set ?? []).filter((item) => item.endsWith("="));
    await channels.change(id, (before) => {
      const settings = Object.entries({ ...before.settings, ...given }).filter(
        ([setting]) => !cleared.includes(`${setting}=`),
      );
      return {
        ...before,
        name: name ?? before.name,
        events: event ?? before.events,
        plans: plan ?? before.plans,
        settings: Object.fromEntries(settings),
      };
    });
    await printChannel(context, channels, { id, done: "Changed" });
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

function fieldsOf(kind: string): readonly ChannelField[] {
  const known = channelKinds.find((candidate) => candidate === kind);
  if (known !== undefined) return channelFields[known];
  throw new SafehouseError("usage", `There is no kind of channel called ${kind}`, {
    subject: kind,
    advice: `Use one of these: ${channelKinds.join(", ")}`,
  });
}

async function printChannel(
  context: CommandContext,
  channels: ChannelStore,
  { id, done }: { readonly id: string; readonly done: string },
): Promise<void> {
  const stored = (await channels.list()).find((candidate) => candidate.id === id);
  if (stored === undefined) throw new Error("The channel that was saved is not there");
  const text = `${done} channel ${printable(id)}; try it: safehouse notifications test ${id}\n`;
  await context.print({ json: channelJson(stored), text });
}
