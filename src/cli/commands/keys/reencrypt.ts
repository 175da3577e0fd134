import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import {
  reencryptBackupsOperation,
  type ReencryptedDocument,
} from "#operations/keys/reencrypt-backups.ts";
import type { CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { passwordSources } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption, addPasswordOptions } from "../options.ts";

interface Flags extends PasswordFlags, PlaceFlags, CommonFlags {
  readonly all?: boolean;
}

export function addKeysReencrypt(group: Command, runner: CommandRunner): void {
  const command = group
    .command("reencrypt [slug]")
    .description(
      "encrypt a backup with the current key; the old archive goes once the new one is proven",
    )
    .option("--all", "every encrypted backup at the location");
  addPasswordOptions(command);
  addLocationOption(command);
  addExamples(command, ["safehouse keys reencrypt 7fed74c8", "safehouse keys reencrypt --all"]);
  runner.attachLinked<Flags>(command, async (context, flags, [slug]) => {
    if ((slug === undefined) !== (flags.all === true))
      throw new SafehouseError("usage", "Give either a slug or --all");
    const asking = { flags, passwords: passwordSources(context, flags) };
    const wanted = slug === undefined ? {} : { backup: slug };
    const done = await context.home.carryOut(reencryptBackupsOperation, wanted, asking);
    const { backups } = done;
    await context.print({ json: { backups }, text: toText(done) });
    return backups.some((one) => "error" in one) ? exitIncomplete : exitOk;
  });
}

function toText({ key, backups }: ReencryptedDocument): string {
  if (backups.length === 0) return "There are no backups at the location\n";
  return backups.map((one) => lineOf(one, key)).join("");
}

function lineOf(one: ReencryptedDocument["backups"][number], id: string): string {
  const file = printable(one.file);
  if ("error" in one) return `${file} STAYS AS IT IS: ${printable(one.error.message)}\n`;
  const texts = {
    reencrypted: `is encrypted with key ${id} now, and proven`,
    current: `is encrypted with key ${id} already`,
    plain: "is not encrypted and stays so",
  };
  return `${file} ${texts[one.status]}\n`;
}
