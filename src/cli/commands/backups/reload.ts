import type { Command } from "commander";
import { listBackups } from "#jobs/backup/list-backups.ts";
import { listCopies } from "#jobs/locations/list-copies.ts";
import type { CommandRunner } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { formatSilent } from "./format-silent.ts";

export function addBackupsReload(group: Command, runner: CommandRunner): void {
  const command = group
    .command("reload")
    .description("believe nothing that is remembered and read every archive's headers again");
  addLocationOption(command);
  addExamples(command, ["safehouse backups reload", "safehouse backups reload --location nas"]);
  runner.attach<PlaceFlags>(command, async (context, flags) => {
    const { signal } = context;
    await using open = await context.services.openLocations(flags);
    const { locations, chosen, clock } = open;
    if (chosen !== undefined) {
      const location = await locations.open(chosen, signal);
      await location.doubt();
      const { backups, others } = await listBackups(location, signal);
      await context.print(counted(backups.length, others.length));
      return exitOk;
    }
    await locations.doubt();
    const listing = await listCopies(locations, { fresh: true, clock, signal });
    const { json, text } = counted(listing.backups.length, listing.others.length);
    await context.print({
      json: { ...json, locations: listing.locations },
      text: `${text}${formatSilent(listing.locations)}`,
    });
    return listing.locations.some(({ problem }) => problem) ? exitIncomplete : exitOk;
  });
}

function counted(backups: number, others: number) {
  return { json: { backups, others }, text: `${backups} backups, ${others} other files\n` };
}
