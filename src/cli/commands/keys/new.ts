import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { listKeysOperation } from "#operations/keys/list-keys.ts";
import { newKeyOperation } from "#operations/keys/new-key.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";
import { keyText, kitText } from "./key-output.ts";

interface Flags extends PlaceFlags, CommonFlags {
  readonly name?: string;
}

export function addKeysNew(group: Command, runner: CommandRunner): void {
  const command = group
    .command("new")
    .description("make a key; the first one encrypts new backups at once")
    .option("--name <name>", "what you call it");
  addExamples(command, ["safehouse keys new --name 'Summer house'"]);
  runner.attachLinked<Flags>(command, (context, flags) => makeKey(context, flags, false));
}

export function addKeysRotate(group: Command, runner: CommandRunner): void {
  const command = group
    .command("rotate")
    .description("make a key and encrypt new backups with it; old keys stay for old backups")
    .option("--name <name>", "what you call it");
  addExamples(command, ["safehouse keys rotate"]);
  runner.attachLinked<Flags>(command, async (context, flags) => {
    const { keys } = await context.home.call(listKeysOperation, {}, { flags });
    if (keys.length === 0)
      throw new SafehouseError("usage", "There is no key yet that another could follow", {
        advice: "Make the first one with: safehouse keys new",
      });
    return makeKey(context, flags, true);
  });
}

async function makeKey(context: CommandContext, flags: Flags, use: boolean): Promise<void> {
  const { home } = context;
  const { name } = flags;
  const key = await home.call(newKeyOperation, { name, use }, { flags });
  const { keys } = await home.call(listKeysOperation, {}, { flags });
  const current = keys.find((one) => one.current);
  const which =
    current === undefined || current.id === key.id
      ? "new backups are encrypted with it"
      : `new backups are still encrypted with ${keyText(current)}; change that with: safehouse keys use ${key.id}`;
  const kept = use && keys.length > 1 ? "The others are kept, for they open older backups\n" : "";
  const text = `Made key ${keyText(key)}; ${which}\n${kept}${kitText(key)}`;
  await context.print({ json: key, text });
}
