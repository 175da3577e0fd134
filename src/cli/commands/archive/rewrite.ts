import { Option, type Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { openArchiveFile } from "#jobs/archive/open-archive-file.ts";
import {
  rewriteArchive,
  type RewriteOptions,
  type RewrittenArchive,
} from "#jobs/archive/rewrite-archive.ts";
import { backupKeys } from "#keys/backup-keys.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { archivePassword } from "../../input/archive-password.ts";
import { readPassword, type PasswordFlags } from "../../input/password.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import { addExamples, addPasswordOptions } from "../options.ts";

interface Flags extends PasswordFlags, CommonFlags {
  readonly overwrite?: boolean;
  readonly newPassword?: string;
  readonly newPasswordFile?: string;
  readonly securetar: "2" | "3";
}

export function addArchiveDecrypt(group: Command, runner: CommandRunner): void {
  const command = group
    .command("decrypt <file> <output>")
    .description("write an unencrypted copy of an archive")
    .option("--overwrite", "replace the output if it exists");
  addPasswordOptions(command);
  addExamples(command, ["safehouse archive decrypt backup.tar plain.tar --password-file key.txt"]);
  runner.attach<Flags>(command, (context, flags, [path = "", to = ""]) =>
    rewrite(context, flags, { path, to, encryption: undefined }),
  );
}

export function addArchiveEncrypt(group: Command, runner: CommandRunner): void {
  const command = group
    .command("encrypt <file> <output>")
    .description(
      "write an encrypted copy of an archive, from plain or from another password or version",
    )
    .option("--new-password-file <file>", "read the new password from the first line of a file")
    .option("--new-password <password>", "the new password; other users of this machine can see it")
    .addOption(
      new Option("--securetar <version>", "version of the encryption")
        .choices(["2", "3"])
        .default("3"),
    )
    .option("--overwrite", "replace the output if it exists");
  addPasswordOptions(command);
  addExamples(command, [
    "safehouse archive encrypt plain.tar safe.tar --new-password-file key.txt",
    "safehouse archive encrypt old.tar new.tar --password-file old.txt --new-password-file new.txt",
  ]);
  runner.attach<Flags>(command, async (context, flags, [path = "", to = ""]) => {
    const password = await newPassword(context, flags);
    const encryption = {
      version: flags.securetar === "2" ? 2 : 3,
      keys: backupKeys(password),
    } as const;
    return rewrite(context, flags, { path, to, encryption });
  });
}

async function newPassword({ console }: CommandContext, flags: Flags): Promise<string> {
  const { newPassword: password, newPasswordFile: passwordFile } = flags;
  const given = {
    ...(password === undefined ? {} : { password }),
    ...(passwordFile === undefined ? {} : { passwordFile }),
  };
  const found = await readPassword(given, console, {
    variable: "SAFEHOUSE_NEW_PASSWORD",
    question: "New password: ",
  });
  if (found !== undefined && found !== "") return found;
  throw new SafehouseError("password-needed", "No new password was given", {
    advice: "Use --new-password-file or SAFEHOUSE_NEW_PASSWORD",
  });
}

async function rewrite(
  context: CommandContext,
  flags: Flags,
  { path, to, encryption }: { path: string; to: string; encryption: RewriteOptions["encryption"] },
): Promise<void> {
  const { services, progress, signal } = context;
  const tools = services.archiveTools(flags);
  await using file = await openArchiveFile(path, tools, archivePassword(context, flags));
  const overwrite = flags.overwrite === true;
  const written = await rewriteArchive(file, tools, {
    to,
    overwrite,
    encryption,
    report: progress.report,
    signal,
  });
  await context.print({ json: written, text: toText(written) });
}

function toText({ path, size, verified, warnings }: RewrittenArchive): string {
  const told = warnings.map((warning) => `Warning: ${printable(warning)}\n`).join("");
  return `Wrote ${printable(path)}, ${formatBytes(size)}; read back: ${verified.verdict}\n${told}`;
}
