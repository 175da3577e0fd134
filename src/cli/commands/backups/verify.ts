import type { Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import type { UnopenedBackup } from "#jobs/backup/verify-backups.ts";
import type { VerificationDocument } from "#operations/backups/verification-schema.ts";
import { verifyAllBackupsOperation } from "#operations/backups/verify-all-backups.ts";
import { verifyBackupOperation } from "#operations/backups/verify-backup.ts";
import type { CommandRunner } from "../../command-context.ts";
import { passwordSources } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { printable } from "../../output/table.ts";
import { exitCodeOfVerify, formatVerify } from "../../output/format-verify.ts";
import type { PlaceFlags } from "#operations/services.ts";
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
  runner.attachLinked<Flags>(command, async (context, flags, [slug]) => {
    if ((slug === undefined) !== (flags.all === true))
      throw new SafehouseError("usage", "Give either a slug or --all");
    const asking = { flags, passwords: passwordSources(context, flags) };
    const { level } = flags;
    if (slug !== undefined) {
      const wanted = { backup: slug, level };
      const report = await context.home.carryOut(verifyBackupOperation, wanted, asking);
      await context.print({ json: report, text: toText(report) });
      return exitCodeOfVerify(report);
    }
    const all = await context.home.carryOut(verifyAllBackupsOperation, { level }, asking);
    await context.print({ json: all, text: all.backups.map(toText).join("\n") });
    const codes = all.backups.map((one) =>
      "error" in one ? exitIncomplete : exitCodeOfVerify(one),
    );
    return Math.max(exitOk, ...codes);
  });
}

function toText(report: VerificationDocument | UnopenedBackup): string {
  return "error" in report
    ? `${printable(report.file)} was NOT CHECKED: ${printable(report.error.message)}\n`
    : formatVerify(report);
}
