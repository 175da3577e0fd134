import type { Command } from "commander";
import {
  listBackupsOperation,
  type GroupedListing,
  type PlainListing,
} from "#operations/backups/list-backups.ts";
import type { CommandRunner } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { formatTable, printable } from "../../output/table.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { backupColumns, backupRow, groupedColumns, groupedRow } from "./backup-row.ts";
import { formatSilent } from "./format-silent.ts";

export function addBackupsList(group: Command, runner: CommandRunner): void {
  const command = group
    .command("list")
    .alias("ls")
    .description("list the backups at all locations, or at one, newest first");
  addLocationOption(command);
  addExamples(command, [
    "safehouse backups list",
    "safehouse backups list --location nas",
    "safehouse backups list --location /mnt/nas/backups --json",
  ]);
  runner.attachLinked<PlaceFlags>(command, async (context, flags) => {
    const listing = await context.home.call(listBackupsOperation, { fresh: true }, { flags });
    if (!("locations" in listing)) {
      await context.print({ json: listing, text: listText(listing) });
      return exitOk;
    }
    await context.print({ json: listing, text: groupedText(listing) });
    return listing.locations.some(({ problem }) => problem) ? exitIncomplete : exitOk;
  });
}

function listText({ location, backups, others }: PlainListing): string {
  const empty = `No backups at ${printable(location)}; make one with: safehouse backups new\n`;
  const problems = backups.flatMap(({ file, problems: found }) =>
    found.map(({ message }) => `${printable(file)}: ${printable(message)}\n`),
  );
  const strangers = others.map(
    ({ file, message }) => `${printable(file)} is no backup: ${printable(message)}\n`,
  );
  const table = formatTable(backupColumns, backups.map(backupRow));
  return [backups.length === 0 ? empty : table, ...problems, ...strangers].join("");
}

function groupedText({ backups, others, locations }: GroupedListing): string {
  const empty = "No backups; make one with: safehouse backups new\n";
  const problems = backups.flatMap(({ copies }) =>
    copies.flatMap(({ file, location, problems: found }) =>
      found.map(
        ({ message }) => `${printable(file)} at ${printable(location)}: ${printable(message)}\n`,
      ),
    ),
  );
  const strangers = others.map(
    ({ file, location, message }) =>
      `${printable(file)} at ${printable(location)} is no backup: ${printable(message)}\n`,
  );
  const table = formatTable(groupedColumns, backups.map(groupedRow));
  const text = backups.length === 0 ? empty : table;
  return [text, ...problems, ...strangers, formatSilent(locations)].join("");
}
