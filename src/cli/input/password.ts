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

const usual: PasswordNames = {
  variable: "SAFEHOUSE_PASSWORD",
  question: "Password of the backup: ",
};

/** The password from a file, the command line, the environment or the terminal, in this order. */
export async function readPassword(
  flags: PasswordFlags,
  console: Console,
  names: PasswordNames = usual,
): Promise<string | undefined> {
  if (flags.passwordFile !== undefined) return passwordFromFile(flags.passwordFile, console);
  if (flags.password !== undefined) {
    console.err(
      "Warning: a password on the command line can be seen by every user of this machine;",
    );
    console.err(` use --password-file or ${names.variable} instead.\n`);
    return flags.password;
  }
  const fromEnvironment = console.env[names.variable];
  if (fromEnvironment !== undefined && fromEnvironment !== "") return fromEnvironment;
  if (names.question === undefined || !console.inIsTerminal) return undefined;
  return console.askSecret(names.question);
}

/** The first line of a file. */
async function passwordFromFile(path: string, console: Console): Promise<string> {
  const [line = ""] = (await console.readTextFile(path)).split(/\r?\n/);
  if (line === "") throw new SafehouseError("usage", `The password file ${path} is empty`);
  return line;
}
