import type { Command } from "commander";
import type { ApiClient } from "#client/api-client.ts";
import { downloadFrom } from "#client/download-backup.ts";
import { tryPasswords } from "#client/try-passwords.ts";
import { downloadBackup, type Downloaded } from "#jobs/backup/download-backup.ts";
import { findBackup } from "#jobs/backup/list-backups.ts";
import type { CommandContext, CommandRunner } from "../../command-context.ts";
import { archivePassword, passwordSources } from "../../input/archive-password.ts";
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
  runner.attachLinked<Flags>(command, async (context, flags, [slug = ""]) => {
    const client = await context.home.server({ flags });
    const written =
      client === undefined
        ? await downloadHere(context, flags, slug)
        : await downloadThrough(client, context, { flags, slug });
    await context.print({ json: written, text: toText(written) });
  });
}

async function downloadHere(
  context: CommandContext,
  flags: Flags,
  slug: string,
): Promise<Downloaded> {
  const { services, progress, signal } = context;
  await using place = await services.openLocation(flags);
  const { file } = await findBackup(place.location, slug, signal);
  const decrypt = flags.decrypt === true;
  const to = flags.to ?? (decrypt ? file.replace(/\.tar$/, ".decrypted.tar") : file);
  return await downloadBackup(place.location, file, {
    to,
    overwrite: flags.overwrite === true,
    decrypt,
    tools: services.archiveTools(flags),
    askPassword: archivePassword(context, flags),
    report: progress.report,
    signal,
  });
}

/** A backup that is fetched as it is needs no password. */
function downloadThrough(
  client: ApiClient,
  context: CommandContext,
  { flags, slug }: { readonly flags: Flags; readonly slug: string },
): Promise<Downloaded> {
  const { services, progress, signal } = context;
  const wish = {
    backup: slug,
    location: flags.location,
    to: flags.to,
    overwrite: flags.overwrite === true,
    decrypt: flags.decrypt === true,
  };
  const tools = { files: services.archiveTools(flags), report: progress.report, signal };
  const passwords = wish.decrypt ? passwordSources(context, flags) : undefined;
  return tryPasswords(passwords, (password) => downloadFrom(client, { ...wish, password }, tools));
}

function toText({ path, size, decrypted }: Downloaded): string {
  const plain = decrypted ? "; this copy is NOT encrypted" : "";
  return `Wrote ${printable(path)}, ${formatBytes(size)}${plain}\n`;
}
