import type { Command } from "commander";
import { copyBackupOperation } from "#operations/backups/copy-backup.ts";
import type { CommandRunner } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { passwordSources } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption, addPasswordOptions, collectWhole } from "../options.ts";
import { formatCopy } from "./format-backup.ts";

interface Flags extends PasswordFlags, PlaceFlags {
  readonly to: string[];
  readonly verify: boolean;
}

export function addBackupsCopy(group: Command, runner: CommandRunner): void {
  const command = group
    .command("copy <slug>")
    .description("copy a backup to other locations, by slug or file name, and read the copies back")
    .requiredOption("--to <location>", "where to; may be repeated", collectWhole)
    .option("--no-verify", "do not read the copies back");
  addPasswordOptions(command);
  addLocationOption(command);
  addExamples(command, ["safehouse backups copy 7fed74c8 --to /mnt/nas/backups"]);
  runner.attachLinked<Flags>(command, async (context, flags, [slug = ""]) => {
    const { to: places, verify } = flags;
    const asking = { flags, places, passwords: passwordSources(context, flags) };
    const result = await context.home.carryOut(
      copyBackupOperation,
      { backup: slug, verify },
      asking,
    );
    const head = `Backup ${printable(result.slug)} "${printable(result.name)}"\n`;
    await context.print({ json: result, text: head + result.copies.map(formatCopy).join("") });
    return result.copies.some(({ error }) => error !== undefined) ? exitIncomplete : exitOk;
  });
}
