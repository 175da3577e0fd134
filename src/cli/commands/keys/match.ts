import type { Command } from "commander";
import { matchFile, type MatchedFile } from "#jobs/keys/match-file.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { describeKey } from "#operations/keys/key-schema.ts";
import type { CommandRunner } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples } from "../options.ts";
import { keyText } from "./key-output.ts";

export function addKeysMatch(group: Command, runner: CommandRunner): void {
  const command = group
    .command("match <file>")
    .description("find the key that opens a backup file; a tenth of a second per key");
  addExamples(command, ["safehouse keys match backup.tar"]);
  runner.attach<PlaceFlags>(command, async (context, flags, [path = ""]) => {
    const { services } = context;
    const ring = new OpenRing(services.keyRing(flags));
    const matched = await matchFile(path, services.archiveTools(flags), ring);
    const { slug, name, date, encrypted, key } = matched;
    const found = key === undefined ? null : describeKey(key, await ring.read());
    await context.print({
      json: { slug, name, date, encrypted, key: found },
      text: toText(matched),
    });
  });
}

function toText({ slug, name, key }: MatchedFile): string {
  const backup = `Backup ${printable(slug)} "${printable(name)}"`;
  if (key === undefined) return `${backup} is not encrypted and needs no key\n`;
  return `${backup} is opened by key ${keyText(key)}\n`;
}
