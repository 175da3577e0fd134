import type { Command } from "commander";
import { catFile } from "#jobs/archive/cat-file.ts";
import { openArchiveFile } from "#jobs/archive/open-archive-file.ts";
import type { CommandRunner } from "../../command-context.ts";
import { archivePassword } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { addExamples, addPasswordOptions } from "../options.ts";

export function addArchiveCat(group: Command, runner: CommandRunner): void {
  const command = group
    .command("cat <file> <part> <path>")
    .description("write one file of an archive to standard output");
  addPasswordOptions(command);
  addExamples(command, [
    "safehouse archive cat backup.tar homeassistant automations.yaml > automations.yaml",
  ]);
  runner.attach<PasswordFlags>(
    command,
    async (context, flags, [archivePath = "", part = "", path = ""]) => {
      const { console, services, json, progress, signal } = context;
      const tools = services.archiveTools(flags);
      const warn = (warning: string): void => console.err(`Warning: ${warning}\n`);
      await using file = await openArchiveFile(archivePath, tools, archivePassword(context, flags));
      const content = catFile(file, tools, { part, path, report: progress.report, signal, warn });
      for await (const text of json ? asJson(content, { part, path }) : content) {
        progress.clear();
        await console.out(text);
      }
    },
  );
}

/** One document, piece by piece: a file can be larger than memory. */
async function* asJson(content: AsyncIterable<Uint8Array>, about: object): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array(0);
  let head = `${JSON.stringify(about).slice(0, -1)},"encoding":"base64","content":"`;
  for await (const piece of content) {
    const bytes = Buffer.concat([rest, piece]);
    // Base64 without padding in the middle needs groups of three.
    const whole = bytes.length - (bytes.length % 3);
    rest = bytes.subarray(whole);
    yield head + bytes.toString("base64", 0, whole);
    head = "";
  }
  yield `${head}${Buffer.from(rest).toString("base64")}"}\n`;
}
