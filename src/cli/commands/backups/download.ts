import type { Command } from "commander";
import { downloadBackup, type Downloaded } from "#jobs/backup/download-backup.ts";
import { findBackup } from "#jobs/backup/list-backups.ts";
import type { CommandRunner } from "../../command-context.ts";
import { archivePassword } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption, addPasswordOptions } from "../options.ts";

interface Flags extends PasswordFlags, PlaceFlags {
  readonly to?: string;
  readonly decrypt?: boolean;
  readonly overwrite?: boolean;
}

export function addBackupsDownload(group: Command, runner: CommandRunner): void {
  const command = group
    .command("download <slug>")
    .description("copy a backup to a file, by slug or file name")
    .option("--to <file>", "file to write; the backup's own name in this folder without it")
    .option("--decrypt", "write an unencrypted copy; its name says so")
    .option("--overwrite", "replace the file if it exists");
  addPasswordOptions(command);
  addLocationOption(command);
  addExamples(command, ["safehouse backups download 7fed74c8 --to /media/usb/backup.tar"]);
  runner.attach<Flags>(command, async (context, flags, [slug = ""]) => {
    const { services, progress, signal } = context;
    await using place = await services.openLocation(flags);
    const { file } = await findBackup(place.location, slug, signal);
    const decrypt = flags.decrypt === true;
    const to = flags.to ?? (decrypt ? file.replace(/\.tar$/, ".decrypted.tar") : file);
    const options = {
      to,
      overwrite: flags.overwrite === true,
      decrypt,
      tools: services.archiveTools(flags),
      askPassword: archivePassword(context, flags),
      report: progress.report,
      signal,
    };
    const written = await downloadBackup(place.location, file, options);
    await context.print({ json: written, text: toText(written) });
  });
}

function toText({ path, size, decrypted }: Downloaded): string {
  const plain = decrypted ? "; this copy is NOT encrypted" : "";
  return `Wrote ${printable(path)}, ${formatBytes(size)}${plain}\n`;
}
