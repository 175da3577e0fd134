import type { Command } from "commander";
import { proofReminder } from "#keys/proof-reminder.ts";
import type { KeyDocument } from "#operations/keys/key-schema.ts";
import { listKeysOperation } from "#operations/keys/list-keys.ts";
import type { CommandRunner } from "../../command-context.ts";
import { formatTable, printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";

export function addKeysList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the keys; the current one encrypts new backups, all of them open old ones");
  addExamples(command, ["safehouse keys list"]);
  runner.attachLinked<PlaceFlags>(command, async (context, flags) => {
    const { keys } = await context.home.call(listKeysOperation, {}, { flags });
    const current = keys.find((key) => key.current);
    await context.print({ json: { current: current?.id ?? null, keys }, text: toText(keys) });
    const reminder =
      current && proofReminder({ ...current, provenAt: current.provenAt ?? undefined });
    if (reminder !== undefined && !context.json) context.console.err(`${printable(reminder)}\n`);
  });
}

function toText(keys: readonly KeyDocument[]): string {
  if (keys.length === 0)
    return "There are no keys, so backups are encrypted only with a password that is given; make one with: safehouse keys new\n";
  const rows = keys.map(({ id, name, current, origin, madeAt, provenAt }) => [
    id,
    name,
    current ? "new backups" : "",
    origin,
    madeAt.slice(0, 10),
    provenAt === null ? "never" : provenAt.slice(0, 10),
  ]);
  return formatTable(
    [
      { title: "KEY" },
      { title: "NAME" },
      { title: "ENCRYPTS" },
      { title: "ORIGIN" },
      { title: "SINCE" },
      { title: "KIT SHOWN" },
    ],
    rows,
  );
}
