import type { Command } from "commander";
import { listBackups } from "#jobs/backup/list-backups.ts";
import type { CommandRunner } from "../../command-context.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { formatTable, printable } from "../../output/table.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { backupColumns, backupRow } from "./backup-row.ts";

export function addBackupsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the backups at a location, newest first");
  addLocationOption(command);
  addExamples(command, [
    "safehouse backups list",
    "safehouse backups list --location /mnt/nas/backups --json",
  ]);
  runner.attach<PlaceFlags>(command, async (context, flags) => {
    await using place = await context.services.openLocation(flags);
    const listing = await listBackups(place.location, context.signal);
    const table = formatTable(backupColumns, listing.backups.map(backupRow));
    const problems = listing.backups.flatMap(({ file, problems: found }) =>
      found.map(({ message }) => `${printable(file)}: ${printable(message)}\n`),
    );
    const others = listing.others.map(
      ({ file, message }) => `${printable(file)} is no backup: ${printable(message)}\n`,
    );
    const empty = `No backups at ${printable(place.location.id)}; make one with: safehouse backups new\n`;
    const text = listing.backups.length === 0 ? empty : table;
    await context.print({ json: listing, text: [text, ...problems, ...others].join("") });
  });
}
