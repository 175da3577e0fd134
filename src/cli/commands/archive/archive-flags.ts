import type { Command } from "commander";
import type { PasswordFlags } from "../../input/password.ts";

/** Options of every command that may have to open an encrypted archive. */
export function addPasswordOptions(command: Command): Command {
  return command
    .option("--password-file <file>", "read the password from the first line of a file")
    .option("--password <password>", "the password; other users of this machine can see it");
}

export type ArchiveFlags = PasswordFlags;

/** Adds examples below the help of a command. */
export function addExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}\n`).join("")}`);
}
