import type { Command } from "commander";
import { catFile } from "#jobs/archive/cat-file.ts";
import { openArchiveFile } from "#jobs/archive/open-archive-file.ts";
import type { CommandRunner } from "../../command-context.ts";
import { readPassword, type PasswordFlags } from "../../input/password.ts";
import { addExamples, addPasswordOptions } from "../options.ts";

export function addArchiveCat(group: Command, runner: CommandRunner): void {
  const command = group.command("cat <file> <part> <path>").description("write one file of an archive to standard output");
  addPasswordOptions(command);
  addExamples(command, ["safehouse archive cat backup.tar homeassistant automations.yaml > automations.yaml"]);
  runner.attach<PasswordFlags>(command, async (context, flags, [archivePath = "", part = "", path = ""]) => {
    const { console, services, json, progress, signal } = context;
    const tools = services.archiveTools(flags);
    await using file = await openArchiveFile(archivePath, tools, () => readPassword(flags, console));
    const pieces: Uint8Array[] = [];
    for await (const bytes of catFile(file, tools, { part, path, report: progress.report, signal })) {
      progress.clear();
      if (json) pieces.push(Uint8Array.from(bytes));
      else await console.out(bytes);
    }
    if (json) await console.out(`${JSON.stringify({ part, path, content: Buffer.concat(pieces).toString("base64"), encoding: "base64" })}\n`);
  });
}
