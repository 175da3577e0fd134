import type { Command } from "commander";
import { uploadBackup } from "#jobs/backup/upload-backup.ts";
import type { CommandRunner } from "../../command-context.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption } from "../options.ts";

export function addBackupsUpload(group: Command, runner: CommandRunner): void {
  const command = group
    .command("upload <file>")
    .description("copy an archive file to the location, as it is")
    .option("--filename <name>", "name of the file there");
  addLocationOption(command);
  addExamples(command, ["safehouse backups upload ~/Downloads/backup.tar"]);
  runner.attach<PlaceFlags & { filename?: string }>(
    command,
    async (context, flags, [path = ""]) => {
      const { services, progress, signal } = context;
      await using place = await services.openLocation(flags);
      const fileName = flags.filename ?? path.split(/[\\/]/).at(-1) ?? path;
      const options = {
        fileName,
        tools: services.archiveTools(flags),
        report: progress.report,
        signal,
      };
      const uploaded = await uploadBackup(path, place.location, options);
      const text = `Backup ${uploaded.slug} "${printable(uploaded.name)}" is there as ${printable(uploaded.file)}, ${formatBytes(uploaded.size)}\n`;
      await context.print({ json: uploaded, text });
    },
  );
}
