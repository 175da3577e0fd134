import type { Command } from "commander";
import { kitOfKeyOperation } from "#operations/keys/kit-of-key.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";

interface Flags extends PlaceFlags, CommonFlags {
  readonly html?: boolean;
  readonly to?: string;
  readonly overwrite?: boolean;
}

export function addKeysKit(group: Command, runner: CommandRunner): void {
  const command = group
    .command("kit <id>")
    .description("write the emergency kit of a key: the key, and how to open backups with it")
    .option("--html", "as a page to be printed, one sheet of A4")
    .option("--to <file>", "file to write, for its owner alone; standard output without it")
    .option("--overwrite", "replace the file if it exists");
  addExamples(command, [
    "safehouse keys kit 3f9a1c --html --to /media/usb/emergency-kit.html",
    "safehouse keys kit 3f9a1c | lp",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags, [id = ""]) => {
    const format = flags.html === true ? "html" : "text";
    const wanted = { key: id, format } as const;
    const written = await context.home.call(kitOfKeyOperation, wanted, { flags });
    const { to } = flags;
    if (to === undefined) return context.print({ json: written, text: written.kit });
    await context.services.writePrivateFile(to, written.kit, flags.overwrite === true);
    const text = `Wrote ${printable(to)}; keep it away from this machine\nThen show that it is at hand: safehouse keys prove ${id}\n`;
    return context.print({ json: { id, format, path: to }, text });
  });
}
