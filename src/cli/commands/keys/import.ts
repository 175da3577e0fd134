import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { keyInKit } from "#keys/kit/key-in-kit.ts";
import { importKeyOperation } from "#operations/keys/import-key.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import type { Console } from "../../console.ts";
import { passwordVariable, readPassword, type PasswordFlags } from "../../input/password.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addPasswordOptions } from "../options.ts";
import { keyText, kitText } from "./key-output.ts";

interface Flags extends PasswordFlags, PlaceFlags, CommonFlags {
  readonly name?: string;
  readonly kitFile?: string;
}

export function addKeysImport(group: Command, runner: CommandRunner): void {
  const command = group
    .command("import")
    .description("keep a key or password that there is already, such as Home Assistant's own")
    .option("--name <name>", "what you call it")
    .option("--kit-file <file>", "take the key from an emergency kit, also from Home Assistant's");
  addPasswordOptions(command);
  addExamples(command, [
    "safehouse keys import --name 'Home Assistant'",
    "safehouse keys import --kit-file home_assistant_backup_emergency_kit.txt",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags) => {
    const secret = await givenKey(flags, context.console);
    const { name } = flags;
    const key = await context.home.call(importKeyOperation, { secret, name }, { flags });
    const use = key.current ? "new backups are encrypted with it" : "it is tried on old backups";
    const next = key.current ? kitText(key) : "";
    const text = `Imported key ${keyText(key)}; ${use}\n${next}`;
    await context.print({ json: key, text });
  });
}

async function givenKey(flags: Flags, console: Console): Promise<string> {
  const { kitFile } = flags;
  if (kitFile !== undefined) return keyInKit(await console.readTextFile(kitFile), kitFile);
  const question = "Encryption key or password, dashes included: ";
  const secret = await readPassword(flags, console, { variable: passwordVariable, question });
  if (secret === undefined || secret === "") throw nothingGiven();
  return secret;
}

function nothingGiven(): SafehouseError {
  return new SafehouseError("password-needed", "No key was given", {
    advice: "Use --kit-file, --password-file or SAFEHOUSE_PASSWORD, or run this on a terminal",
  });
}
