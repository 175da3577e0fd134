import type { Command } from "commander";
import { findKey } from "#keys/find-key.ts";
import type { EmergencyKit } from "#keys/kit/emergency-kit.ts";
import { kitHtml } from "#keys/kit/kit-html.ts";
import { kitText } from "#keys/kit/kit-text.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#jobs/services.ts";
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
  runner.attach<Flags>(command, async (context, flags, [id = ""]) => {
    const kit = await kitOf(context, flags, id);
    const format = flags.html === true ? "html" : "text";
    const document = format === "html" ? kitHtml(kit) : kitText(kit);
    const { to } = flags;
    if (to === undefined)
      return context.print({ json: { id, format, kit: document }, text: document });
    await context.services.writePrivateFile(to, document, flags.overwrite === true);
    const text = `Wrote ${printable(to)}; keep it away from this machine\nThen show that it is at hand: safehouse keys prove ${id}\n`;
    return context.print({ json: { id, format, path: to }, text });
  });
}

async function kitOf(
  { console, services }: CommandContext,
  flags: Flags,
  id: string,
): Promise<EmergencyKit> {
  const store = services.keyRing(flags);
  const key = findKey(await store.read(), id);
  const place = await services.describeForKit(flags);
  const date = new Date(console.now()).toISOString();
  return { ...place, key, secret: await store.reveal(id), date };
}
