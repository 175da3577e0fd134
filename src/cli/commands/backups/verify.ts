import type { Command } from "commander";
import { listBackups, findBackup } from "#jobs/backup/list-backups.ts";
import { verifyBackup } from "#jobs/backup/verify-backup.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { CommandRunner } from "../../command-context.ts";
import { readPassword, type PasswordFlags } from "../../input/password.ts";
import { exitCodeOfVerify, formatVerify } from "../../output/format-verify.ts";
import type { PlaceFlags } from "../../services.ts";
import { levelOption } from "../archive/verify.ts";
import { addExamples, addLocationOption, addPasswordOptions } from "../options.ts";

interface Flags extends PasswordFlags, PlaceFlags {
  readonly all?: boolean;
  readonly level: "listing" | "structure" | "content";
}

export function addBackupsVerify(group: Command, runner: CommandRunner): void {
  const command = group
    .command("verify [slug]")
    .description("check a backup and remember the outcome, by slug or file name")
    .option("--all", "check every backup at the location")
    .addOption(levelOption());
  addPasswordOptions(command);
  addLocationOption(command);
  addExamples(command, ["safehouse backups verify 7fed74c8 --password-file key.txt", "safehouse backups verify --all"]);
  runner.attach<Flags>(command, async (context, flags, [slug]) => {
    const { console, services, progress, signal } = context;
    await using place = await services.openLocation(flags);
    if ((slug === undefined) !== (flags.all === true)) throw new SafehouseError("usage", "Give either a slug or --all");
    const backups = slug === undefined ? (await listBackups(place.location, signal)).backups : [await findBackup(place.location, slug, signal)];
    const reports = [];
    let exitCode = 0;
    for (const { file } of backups) {
      const options = { level: flags.level, askPassword: () => readPassword(flags, console), report: progress.report, signal };
      const report = await verifyBackup(place.location, file, { ...options, clock: place.tools.clock });
      exitCode = Math.max(exitCode, exitCodeOfVerify(report));
      reports.push(report);
      progress.clear();
    }
    await context.print({ json: flags.all === true ? { backups: reports } : reports[0], text: reports.map(formatVerify).join("\n") });
    return exitCode;
  });
}
