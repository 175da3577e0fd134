import type { Command } from "commander";
import { decidePrune } from "#jobs/prune/decide-prune.ts";
import { runPrune } from "#jobs/prune/run-prune.ts";
import type { CommandRunner } from "../../command-context.ts";
import {
  addRetentionOptions,
  retentionRule,
  type RetentionFlags,
} from "../../input/retention-flags.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addLocationOption } from "../options.ts";
import { describePrune, formatPrune } from "./format-prune.ts";

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
  runner.attach<Flags>(command, async (context, flags) => {
    const { services, progress, signal } = context;
    const rule = retentionRule(flags);
    const scope = flags.plan === undefined ? ("every plan" as const) : { plan: flags.plan };
    await using place = await services.openLocation(flags);
    const { location, openLocation, tools } = place;
    const installation = await place.installationId();
    const { clock } = tools;
    if (flags.dryRun === true) {
      const plan = await decidePrune({ location, rule, scope, installation, clock, signal });
      const going = plan.decisions.filter(({ outcome }) => outcome === "remove");
      const kept = plan.decisions.filter(({ outcome }) => outcome === "keep");
      const told = describePrune(location.id, { going, kept, stop: plan.stop });
      await context.print({ json: { ...told, dryRun: true }, text: formatPrune(told, true) });
      return;
    }
    await using runs = await services.openRuns(flags);
    const rules = new Map([[location.id, { rule, scope, confirmed: flags.confirm }]]);
    const reports = await runPrune(
      { trigger: { kind: "manual" }, rules },
      {
        runs: runs.tools,
        openLocation,
        installation,
        clock,
        report: progress.report,
        signal,
      },
    );
    const { removed = [], kept = [] } = reports.get(location.id) ?? {};
    const told = describePrune(location.id, { going: removed, kept, stop: undefined });
    await context.print({ json: { ...told, dryRun: false }, text: formatPrune(told, false) });
  });
}
