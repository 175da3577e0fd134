import type { Command } from "commander";
import type { ApiClient } from "#client/api-client.ts";
import { uploadTo } from "#client/upload-backup.ts";
import { openHeaders } from "#jobs/archive/open-archive-file.ts";
import { uploadBackup, type Uploaded } from "#jobs/backup/upload-backup.ts";
import type { CommandContext, CommandRunner } from "../../command-context.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption } from "../options.ts";

interface Flags extends PlaceFlags {
  readonly filename?: string;
}

export function addBackupsUpload(group: Command, runner: CommandRunner): void {
  const command = group
    .command("upload <file>")
    .description("copy an archive file to the location, as it is")
    .option("--filename <name>", "name of the file there");
  addLocationOption(command);
  addExamples(command, ["safehouse backups upload ~/Downloads/backup.tar"]);
  runner.attachLinked<Flags>(command, async (context, flags, [path = ""]) => {
    const fileName = flags.filename ?? path.split(/[\\/]/).at(-1) ?? path;
    const client = await context.home.server({ flags });
    const uploaded =
      client === undefined
        ? await uploadHere(context, flags, { path, fileName })
        : await uploadThrough(client, context, { flags, path, fileName });
    const text = `Backup ${uploaded.slug} "${printable(uploaded.name)}" is there as ${printable(uploaded.file)}, ${formatBytes(uploaded.size)}\n`;
    await context.print({ json: uploaded, text });
  });
}

interface File {
  readonly path: string;
  /** Name of the archive at the location. */
  readonly fileName: string;
}

async function uploadHere(
  { services, progress, signal }: CommandContext,
  flags: Flags,
  { path, fileName }: File,
): Promise<Uploaded> {
  await using place = await services.openLocation(flags);
  const tools = services.archiveTools(flags);
  const options = { fileName, tools, report: progress.report, signal };
  return await uploadBackup(path, place.location, options);
}

async function uploadThrough(
  client: ApiClient,
  { services, progress, signal }: CommandContext,
  { flags, path, fileName }: File & { readonly flags: Flags },
): Promise<Uploaded> {
  const tools = services.archiveTools(flags);
  // What is no backup is not sent in the first place.
  const { source } = await openHeaders(path, tools);
  try {
    const { location } = flags;
    const options = { report: progress.report, signal };
    return await uploadTo(client, { source, fileName, location }, options);
  } finally {
    await source.close();
  }
}
