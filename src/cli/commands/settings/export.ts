import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import { exportSettingsOperation } from "#operations/settings/export-settings.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { printable } from "../../output/table.ts";
import { addExamples } from "../options.ts";
import { settingsYaml } from "./settings-yaml.ts";

interface Flags extends CommonFlags {
  readonly to?: string;
  readonly overwrite?: boolean;
  readonly withSecrets?: boolean;
  readonly yes?: boolean;
}

export function addSettingsExport(group: Command, runner: CommandRunner): void {
  const command = group
    .command("export")
    .description("write all settings as YAML, without passwords and encryption keys")
    .option("--to <file>", "file to write, for its owner alone; standard output without it")
    .option("--overwrite", "replace the file if it exists")
    .option("--with-secrets", "with the encryption keys and passwords, for whoever reads it")
    .option("-y, --yes", "do not ask before secrets are written");
  addExamples(command, [
    "safehouse settings export --to safehouse.yaml",
    "safehouse settings export --with-secrets --to safehouse-secret.yaml",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags) => {
    const { services, console } = context;
    const withSecrets = flags.withSecrets === true;
    if (withSecrets) await confirm(context, flags);
    const exported = await context.home.call(exportSettingsOperation, { withSecrets }, { flags });
    const { document, left } = exported;
    if (left > 0) console.err(`${left === 1 ? "1 secret was" : `${left} secrets were`} left out\n`);
    const yaml = settingsYaml(document);
    const { to, overwrite = false } = flags;
    if (to === undefined) return context.print({ json: document, text: yaml });
    await services.writePrivateFile(to, yaml, overwrite);
    const secret = withSecrets ? "; whoever has it can read the backups" : "";
    return context.print({
      json: { path: to, withSecrets, left },
      text: `Wrote ${printable(to)}${secret}\n`,
    });
  });
}

async function confirm({ console }: CommandContext, flags: Flags): Promise<void> {
  if (flags.yes === true || !console.inIsTerminal) return;
  const where = flags.to === undefined ? "the terminal" : printable(flags.to);
  const answer = await console.ask(
    `Write the encryption keys to ${where}, readable for whoever sees it? [y/N] `,
  );
  if (!/^y(es)?$/i.test(answer.trim()))
    throw new SafehouseError("cancelled", "Nothing was written");
}
