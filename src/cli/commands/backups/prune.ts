import type { Command } from "commander";
import { previewPruneOperation } from "#operations/backups/preview-prune.ts";
import { pruneBackupsOperation } from "#operations/backups/prune-backups.ts";
import type { CommandRunner } from "../../command-context.ts";
import {
  addRetentionOptions,
  retentionRule,
  type RetentionFlags,
} from "../../input/retention-flags.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { formatPrune } from "./format-prune.ts";

interface Flags extends RetentionFlags, PlaceFlags {
  readonly plan?: string;
  readonly dryRun?: boolean;
  readonly confirm?: string;
}

export function addBackupsPrune(group: Command, runner: CommandRunner): void {
  const command = group
    .command("prune")
    .description(
      "remove the backups of this installation whose time is up; each plan's count by themselves, and so do those made by hand",
    )
    .option("--plan <id>", "only the backups of this plan")
    .option("--dry-run", "say what would go and stay, and why, and remove nothing")
    .option("--confirm <token>", "agree to a prune that was stopped");
  addRetentionOptions(command);
  addLocationOption(command);
  addExamples(command, [
    "safehouse backups prune --keep-copies 7 --dry-run",
    "safehouse backups prune --location /mnt/nas/backups --keep-days 14 --keep-weekly 8 --keep-monthly 12",
  ]);
  runner.attachLinked<Flags>(command, async (context, flags) => {
    const { plan } = flags;
    const wanted = { rule: retentionRule(flags), ...(plan === undefined ? {} : { plan }) };
    const pruned =
      flags.dryRun === true
        ? await context.home.call(previewPruneOperation, wanted, { flags })
        : await context.home.carryOut(
            pruneBackupsOperation,
            { ...wanted, ...(flags.confirm === undefined ? {} : { confirm: flags.confirm }) },
            { flags },
          );
    await context.print({ json: pruned, text: formatPrune(pruned) });
  });
}
