import type { Command } from "commander";
import { addLocationOperation } from "#operations/locations/add-location.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { addExamples } from "../options.ts";
import { locationText } from "./describe-location.ts";
import { kindOf } from "./kind-of.ts";
import { addSettingOptions, type SettingFlags } from "./setting-options.ts";
import { settingsOf } from "./settings-of.ts";

interface Flags extends SettingFlags, CommonFlags {
  readonly kind?: string;
}

export function addLocationsAdd(group: Command, runner: CommandRunner): void {
  const command = group
    .command("add <id>")
    .description("add a location: its place is made if it is missing, and marked");
  addSettingOptions(command).option(
    "--kind <kind>",
    "what kind of place it is; a folder without it",
  );
  addExamples(command, [
    "safehouse locations add nas --name NAS --path /mnt/nas/backups",
    "safehouse locations add box --kind sftp --set host=box.lan --set user=ha --ask password --set path=backups",
    "safehouse locations add usb --path /media/usb --set reserveBytes=1000000000",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags, [id = ""]) => {
    const { name, kind = "local" } = flags;
    const known = await kindOf({ kind }, flags, context);
    const settings = await settingsOf(flags, { context, kind: known });
    const wanted = { id, name, kind, settings };
    const added = await context.home.call(addLocationOperation, wanted, { flags });
    await context.print({
      json: added,
      text: `${locationText(added)} is set up\nNext: safehouse locations test ${id}\n`,
    });
  });
}
