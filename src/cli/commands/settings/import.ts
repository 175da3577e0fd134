import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { parseSettingsDocument } from "#jobs/settings/settings-document.ts";
import {
  importSettingsOperation,
  type ImportedSettings,
} from "#operations/settings/import-settings.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { readDocument } from "../../input/read-document.ts";
import { printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";

interface Flags extends CommonFlags {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

export function addSettingsImport(group: Command, runner: CommandRunner): void {
  const command = group
    .command("import <file>")
    .description("take settings from a file of settings export; what it does not name stays")
    .option("--dry-run", "check the file and show what would change")
    .option("-y, --yes", "do not ask");
  addExamples(command, [
    "safehouse settings import safehouse.yaml --dry-run",
    "safehouse settings import safehouse.yaml",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags, [file = ""]) => {
    const { console, home } = context;
    // Checked here first: what is wrong with a file is told by what stands in it.
    const document = (await readDocument(file, console)) as Record<string, unknown>;
    parseSettingsDocument(document);
    const take = (dryRun: boolean): Promise<ImportedSettings> =>
      home.call(importSettingsOperation, { document, dryRun }, { flags });
    const preview = await take(true);
    const dryRun = flags.dryRun === true;
    if (dryRun || preview.changes.length === 0) return print(context, preview, dryRun);
    await confirm(context, flags, preview);
    return print(context, await take(false), dryRun);
  });
}

function print(
  context: CommandContext,
  { changes, notes }: ImportedSettings,
  dryRun: boolean,
): Promise<void> {
  const head = dryRun ? "This would change:\n" : "Changed:\n";
  const text = changes.length === 0 ? "Nothing changes\n" : `${head}${changesText(changes)}`;
  const told = notes.map((note) => `${printable(note)}\n`).join("");
  return context.print({ json: { dryRun, changes, notes }, text: `${text}${told}` });
}

function changesText(changes: ImportedSettings["changes"]): string {
  return changes
    .map(({ setting, item, change }) => `  ${[setting, item].filter(Boolean).join(" ")}: ${change}`)
    .map((line) => `${printable(line)}\n`)
    .join("");
}

async function confirm(
  { console }: CommandContext,
  flags: Flags,
  { changes }: ImportedSettings,
): Promise<void> {
  if (flags.yes === true || !console.inIsTerminal) return;
  console.err(`This would change:\n${changesText(changes)}`);
  const answer = await console.ask("Change it? [y/N] ");
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new SafehouseError("cancelled", "Nothing was changed");
}
