import type { Command } from "commander";
import { listBackups, findBackup } from "#jobs/backup/list-backups.ts";
import { verifyBackup } from "#jobs/backup/verify-backup.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { CommandRunner } from "../../command-context.ts";
import { archivePassword } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { exitIncomplete } from "../../exit-codes.ts";
import type { VerifyReport } from "#jobs/archive/verify-file.ts";
import { printable } from "../../output/table.ts";
import { exitCodeOfVerify, formatVerify } from "../../output/format-verify.ts";
import type { PlaceFlags } from "#jobs/services.ts";
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
  addExamples(command, [
    "safehouse backups verify 7fed74c8 --password-file key.txt",
    "safehouse backups verify --all",
  ]);
  runner.attach<Flags>(command, async (context, flags, [slug]) => {
    const { services, progress, signal } = context;
    await using place = await services.openLocation(flags);
    if ((slug === undefined) !== (flags.all === true))
      throw new SafehouseError("usage", "Give either a slug or --all");
    const backups =
      slug === undefined
        ? (await listBackups(place.location, signal)).backups
        : [await findBackup(place.location, slug, signal)];
    const options = {
      level: flags.level,
      askPassword: archivePassword(context, flags),
      report: progress.report,
      signal,
      clock: place.tools.clock,
    };
    const reports: (VerifyReport | Unopened)[] = [];
    let exitCode = 0;
    for (const { file } of backups) {
      const report = await verifyBackup(place.location, file, options).catch((error: unknown) =>
        unopened(error, file, flags),
      );
      exitCode = Math.max(exitCode, "error" in report ? exitIncomplete : exitCodeOfVerify(report));
      reports.push(report);
      progress.clear();
    }
    await context.print({
      json: flags.all === true ? { backups: reports } : reports[0],
      text: reports.map(toText).join("\n"),
    });
    return exitCode;
  });
}

/** A backup that another password protects, or none at all was given. */
interface Unopened {
  readonly file: string;
  readonly error: { readonly problem: string; readonly message: string };
}

/** With `--all` one backup of another password does not keep the others from being checked. */
function unopened(error: unknown, file: string, flags: Flags): Unopened {
  const locked =
    error instanceof SafehouseError &&
    ["wrong-password", "password-needed"].includes(error.problem);
  if (!locked || flags.all !== true) throw error;
  return { file, error: { problem: error.problem, message: error.message } };
}

function toText(report: VerifyReport | Unopened): string {
  return "error" in report
    ? `${printable(report.file)} was NOT CHECKED: ${printable(report.error.message)}\n`
    : formatVerify(report);
}
