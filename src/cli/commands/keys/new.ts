import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { addKey } from "#keys/add-key.ts";
import { findKey } from "#keys/find-key.ts";
import { generateKey } from "#keys/generate-key.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { addExamples } from "../options.ts";
import { keyJson, keyText, kitText } from "./key-output.ts";

interface Flags extends PlaceFlags, CommonFlags {
  readonly name?: string;
}

export function addKeysNew(group: Command, runner: CommandRunner): void {
  const command = group
    .command("new")
    .description("make a key; the first one encrypts new backups at once")
    .option("--name <name>", "what you call it");
  addExamples(command, ["safehouse keys new --name 'Summer house'"]);
  runner.attach<Flags>(command, (context, flags) => makeKey(context, flags, false));
}

export function addKeysRotate(group: Command, runner: CommandRunner): void {
  const command = group
    .command("rotate")
    .description("make a key and encrypt new backups with it; old keys stay for old backups")
    .option("--name <name>", "what you call it");
  addExamples(command, ["safehouse keys rotate"]);
  runner.attach<Flags>(command, async (context, flags) => {
    const { keys } = await context.services.keyRing(flags).read();
    if (keys.length === 0)
      throw new SafehouseError("usage", "There is no key yet that another could follow", {
        advice: "Make the first one with: safehouse keys new",
      });
    return makeKey(context, flags, true);
  });
}

async function makeKey(context: CommandContext, flags: Flags, use: boolean): Promise<void> {
  const store = context.services.keyRing(flags);
  const before = await store.read();
  const { name } = flags;
  const secret = generateKey();
  const now = context.console.now();
  const key = await addKey(store, { secret, name, origin: "generated", now, use });
  const ring = await store.read();
  const current = ring.current === key.id ? undefined : findKey(ring, ring.current ?? key.id);
  const which =
    current === undefined
      ? "new backups are encrypted with it"
      : `new backups are still encrypted with ${keyText(current)}; change that with: safehouse keys use ${key.id}`;
  const kept =
    use && before.keys.length > 0 ? "The others are kept, for they open older backups\n" : "";
  const text = `Made key ${keyText(key)}; ${which}\n${kept}${kitText(key)}`;
  await context.print({ json: keyJson(key, ring), text });
}
