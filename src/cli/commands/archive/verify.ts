import { Option, type Command } from "commander";
import { openArchiveFile } from "#jobs/archive/open-archive-file.ts";
import { verifyFile } from "#jobs/archive/verify-file.ts";
import type { CommandRunner } from "../../command-context.ts";
import { archivePassword } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { exitCodeOfVerify, formatVerify } from "../../output/format-verify.ts";
import { addExamples, addPasswordOptions } from "../options.ts";

interface Flags extends PasswordFlags {
  readonly level: "listing" | "structure" | "content";
}

export function addArchiveVerify(group: Command, runner: CommandRunner): void {
  const command = group
    .command("verify <file>")
    .description("check an archive and name every damaged part and file")
    .addOption(levelOption());
  addPasswordOptions(command);
  addExamples(command, ["safehouse archive verify backup.tar --password-file key.txt"]);
  runner.attach<Flags>(command, async (context, flags, [path = ""]) => {
    const { services, progress, signal } = context;
    const tools = services.archiveTools(flags);
    const needed = flags.level === "listing" ? undefined : archivePassword(context, flags);
    await using file = await openArchiveFile(path, tools, needed);
    const report = await verifyFile(file, { level: flags.level, report: progress.report, signal });
    await context.print({ json: report, text: formatVerify(report) });
    return exitCodeOfVerify(report);
  });
}

/** `listing` looks at the headers, `structure` opens every part, `content` reads every byte. */
export function levelOption(): Option {
  return new Option(
    "--level <level>",
    "listing (headers), structure (every part opens) or content (every byte is read)",
  )
    .choices(["listing", "structure", "content"])
    .default("content");
}
