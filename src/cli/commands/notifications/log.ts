import type { Command } from "commander";
import {
  notificationLogOperation,
  type DescribedDelivery,
} from "#operations/notifications/notification-log.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { formatTable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

export function addNotificationsLog(group: Command, runner: CommandRunner): void {
  const command = group
    .command("log")
    .description("show what was told and what still waits, newest first");
  addExamples(command, ["safehouse notifications log"]);
  runner.attachLinked<CommonFlags>(command, async (context, flags) => {
    const log = await context.home.call(notificationLogOperation, {}, { flags });
    await context.print({ json: log, text: toText(log.deliveries) });
  });
}

const columns = ["AT", "CHANNEL", "STATE", "EVENT", "TITLE", "ERROR"];

function toText(deliveries: readonly DescribedDelivery[]): string {
  if (deliveries.length === 0) return "Nothing was told yet\n";
  return formatTable(
    columns.map((title) => ({ title })),
    deliveries.map(rowOf),
  );
}

function rowOf({ at, channel, state, event, title, error }: DescribedDelivery): string[] {
  return [at.slice(0, 19).replace("T", " "), channel, state, event, title, error ?? ""];
}
