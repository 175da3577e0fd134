import type { Command } from "commander";
import type { Delivery } from "#jobs/alert-store-port.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

export function addNotificationsLog(group: Command, runner: CommandRunner): void {
  const command = group
    .command("log")
    .description("show what was told and what still waits, newest first");
  addExamples(command, ["safehouse notifications log"]);
  runner.attach<CommonFlags>(command, async (context, flags) => {
    await using notifications = await context.services.openNotifications(flags);
    const deliveries = await notifications.alerts.deliveries(notifications.home);
    const columns = ["AT", "CHANNEL", "STATE", "EVENT", "TITLE", "ERROR"];
    const text =
      deliveries.length === 0
        ? "Nothing was told yet\n"
        : formatTable(
            columns.map((title) => ({ title })),
            deliveries.map(rowOf),
          );
    await context.print({ json: { deliveries: deliveries.map(deliveryJson) }, text });
  });
}

function rowOf({ channel, notification, state, error }: Delivery): string[] {
  const { at, event, title } = notification;
  return [isoOf(at).slice(0, 19).replace("T", " "), channel, state, event, title, error ?? ""];
}

function deliveryJson(delivery: Delivery): unknown {
  const { channel, notification, state, attempts, nextAt, ended, error } = delivery;
  const { at, event, severity, title, text } = notification;
  return {
    channel,
    state,
    at: isoOf(at),
    event,
    severity,
    title,
    text,
    attempts,
    nextAt: state === "waiting" ? isoOf(nextAt) : null,
    ended: ended === undefined ? null : isoOf(ended),
    error: error ?? null,
  };
}

function isoOf(time: number): string {
  return new Date(time).toISOString();
}
