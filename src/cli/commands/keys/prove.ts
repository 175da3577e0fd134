import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { findKey } from "#keys/find-key.ts";
import type { RingKey } from "#keys/key-ring-port.ts";
import { kitHolds } from "#keys/kit/kit-holds.ts";
import { kitQuestions } from "#keys/kit/kit-questions.ts";
import { markProven } from "#keys/mark-proven.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import type { Console } from "../../console.ts";
import type { PlaceFlags } from "#jobs/services.ts";
import { addExamples } from "../options.ts";
import { keyJson, keyText } from "./key-output.ts";

interface Flags extends PlaceFlags, CommonFlags {
  readonly kitFile?: string;
}

export function addKeysProve(group: Command, runner: CommandRunner): void {
  const command = group
    .command("prove <id>")
    .description("show that the emergency kit of a key is at hand, by two groups of the key")
    .option("--kit-file <file>", "read a copy of the kit instead of asking for groups");
  addExamples(command, [
    "safehouse keys prove 3f9a1c",
    "safehouse keys prove 3f9a1c --kit-file /media/usb/emergency-kit.txt",
  ]);
  runner.attach<Flags>(command, async (context, flags, [id = ""]) => {
    const { console, services } = context;
    const store = services.keyRing(flags);
    const key = findKey(await store.read(), id);
    const secret = await store.reveal(id);
    const { kitFile } = flags;
    if (kitFile === undefined) await askForGroups(console, key, secret);
    else if (!kitHolds(await console.readTextFile(kitFile), secret))
      throw notTheKit(key, `What ${kitFile} holds`);
    const ring = await store.change((now) => ({ ring: markProven(now, id, console.now()) }));
    const text = `The emergency kit of key ${keyText(key)} is at hand\n`;
    await context.print({ json: keyJson(findKey(ring, id), ring), text });
  });
}

/** All is asked before it is judged, so that whoever holds the wrong kit sees that nothing fits. */
async function askForGroups(console: Console, key: RingKey, secret: string): Promise<void> {
  if (!console.inIsTerminal)
    throw new SafehouseError("usage", "There is no terminal on which groups could be asked for", {
      advice: "Name a copy of the kit with --kit-file",
    });
  const wrong: string[] = [];
  for (const { label, isAnswer } of kitQuestions(secret)) {
    const typed = await console.askSecret(`${label} of key ${keyText(key)}: `);
    if (!isAnswer(typed)) wrong.push(label);
  }
  if (wrong.length > 0) throw notTheKit(key, wrong.join(" and "));
}

function notTheKit({ id, name }: RingKey, what: string): SafehouseError {
  const message = `${what} is not what the emergency kit of key ${id} "${name}" says`;
  return new SafehouseError("wrong-password", message, {
    subject: id,
    advice: `Look whether it is the kit of another key; write this one anew with: safehouse keys kit ${id} --to FILE`,
  });
}
