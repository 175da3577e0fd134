import type { Command } from "commander";
import type { KeyRing } from "#keys/key-ring-port.ts";
import { proofReminder } from "#keys/proof-reminder.ts";
import type { CommandRunner } from "../../command-context.ts";
import { formatTable, printable } from "../../output/table.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { addExamples } from "../options.ts";
import { keyJson } from "./key-output.ts";

export function addKeysList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the keys; the current one encrypts new backups, all of them open old ones");
  addExamples(command, ["safehouse keys list"]);
  runner.attach<PlaceFlags>(command, async (context, flags) => {
    const ring = await context.services.keyRing(flags).read();
    await context.print({
      json: { current: ring.current ?? null, keys: ring.keys.map((key) => keyJson(key, ring)) },
      text: toText(ring),
    });
    const current = ring.keys.find(({ id }) => id === ring.current);
    const reminder = current && proofReminder(current);
    if (reminder !== undefined && !context.json) context.console.err(`${printable(reminder)}\n`);
  });
}

function toText(ring: KeyRing): string {
  if (ring.keys.length === 0)
    return "There are no keys, so backups are encrypted only with a password that is given; make one with: safehouse keys new\n";
  const rows = ring.keys.map(({ id, name, origin, madeAt, provenAt }) => [
    id,
    name,
    id === ring.current ? "new backups" : "",
    origin,
    madeAt.slice(0, 10),
    provenAt === undefined ? "never" : provenAt.slice(0, 10),
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
