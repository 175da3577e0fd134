import { SafehouseError } from "#core/model/problem.ts";
import type { Console } from "../console.ts";

/** How a person may hand over a password; every way but `password` keeps it out of the process list. */
export interface PasswordFlags {
  readonly password?: string;
  readonly passwordFile?: string;
}

export interface PasswordNames {
  /** Environment variable, `SAFEHOUSE_PASSWORD`. */
  readonly variable: string;
  /** What to ask on a terminal; undefined to never ask. */
  readonly question: string | undefined;
}

/** The variable for the password of a backup. */
export const passwordVariable = "SAFEHOUSE_PASSWORD";

/** The password from a file, the command line, the environment or the terminal, in this order. */
export async function readPassword(
  flags: PasswordFlags,
  console: Console,
  { variable, question }: PasswordNames,
): Promise<string | undefined> {
  if (flags.passwordFile !== undefined) return passwordFromFile(flags.passwordFile, console);
  if (flags.password !== undefined) {
    console.err(
      "Warning: a password on the command line can be seen by every user of this machine;",
    );
    console.err(` use --password-file or ${variable} instead.\n`);
    return flags.password;
  }
  const fromEnvironment = console.env[variable];
  if (fromEnvironment !== undefined && fromEnvironment !== "") return fromEnvironment;
  return question === undefined ? undefined : askForPassword(console, question);
}

/** The password from the terminal; undefined if there is none. */
export async function askForPassword(
  console: Console,
  question: string,
): Promise<string | undefined> {
  return console.inIsTerminal ? console.askSecret(question) : undefined;
}

/** The first line of a file. Rejects with `usage` if there is nothing in it. */
export async function passwordFromFile(path: string, console: Console): Promise<string> {
  const [line = ""] = (await console.readTextFile(path)).split(/\r?\n/);
  if (line === "") throw new SafehouseError("usage", `The password file ${path} is empty`);
  return line;
}
