import type { Command } from "commander";
import type { UndoReport, UndoState } from "#jobs/home.ts";
import { restoreStatusOperation } from "#operations/restores/restore-status.ts";
import { undoRestoreOperation } from "#operations/restores/undo-restore.ts";
import type { CommandRunner } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { addExamples, addHomeOptions } from "../options.ts";
import { addServiceOptions, serviceOptions, type ServiceFlags } from "../service-options.ts";

interface Flags extends PlaceFlags, ServiceFlags {
  readonly dropNewer?: boolean;
}

export function addRestoreUndo(group: Command, runner: CommandRunner): void {
  const command = group
    .command("undo")
    .description("bring back the state before the last restore")
    .option("--drop-newer", "agree to lose what has changed since the restore");
  addServiceOptions(command);
  addHomeOptions(command);
  addExamples(command, ["safehouse restore undo --home /srv/homeassistant"]);
  runner.attachLinked<Flags>(command, async (context, flags) => {
    const { stopped, ...service } = serviceOptions(flags);
    const agreed = { dropNewer: flags.dropNewer === true, stopped };
    const report = await context.home.carryOut(undoRestoreOperation, agreed, { flags, service });
    await context.print({ json: report, text: undoText(report, report.recovered) });
    return report.service === "not-running" ? exitIncomplete : exitOk;
  });
}

export function addRestoreStatus(group: Command, runner: CommandRunner): void {
  const command = group
    .command("status")
    .description("tell whether a restore can be undone, and what that would drop");
  addHomeOptions(command);
  addExamples(command, ["safehouse restore status"]);
  runner.attachLinked<PlaceFlags>(command, async (context, flags) => {
    const status = await context.home.call(restoreStatusOperation, {}, { flags });
    await context.print({ json: status, text: statusText(status.undo) });
  });
}

function undoText({ parts, dropped, warnings }: UndoReport, recovered: readonly string[]): string {
  return [
    ...recovered.map((action) => `${printable(action)}\n`),
    `The state before the restore is back: ${parts.join(", ")}\n`,
    ...dropped.map((path) => `  dropped ${printable(path)}\n`),
    ...warnings.map((warning) => `Warning: ${printable(warning)}\n`),
  ].join("");
}

function statusText(state: UndoState | null): string {
  if (state === null) return "There is no restore that could be undone\n";
  const { slug, name, restoredAt, keptUntil, bytes, newerData } = state;
  return [
    `Backup ${slug} "${printable(name)}" was restored at ${restoredAt}\n`,
    `The state before it is kept until ${keptUntil} (${formatBytes(bytes)})\n`,
    ...newerData.map(
      (path) => `  newer than the restore, would be dropped by an undo: ${printable(path)}\n`,
    ),
  ].join("");
}
