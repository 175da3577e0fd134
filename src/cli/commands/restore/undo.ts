import type { Command } from "commander";
import type { UndoReport, UndoState } from "#jobs/home.ts";
import type { CommandRunner } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { formatBytes } from "../../output/format-bytes.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#jobs/services.ts";
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
  runner.attach<Flags>(command, async (context, flags) => {
    const { services, signal } = context;
    await using home = await services.openHome(flags);
    await using _ = await home.hold("undo");
    const options = { ...serviceOptions(flags), dropNewer: flags.dropNewer === true };
    const report = await home.installation.undo(options, signal);
    await context.print({
      json: { ...report, recovered: home.recovered },
      text: undoText(report, home.recovered),
    });
    return report.service === "not-running" ? exitIncomplete : exitOk;
  });
}

export function addRestoreStatus(group: Command, runner: CommandRunner): void {
  const command = group
    .command("status")
    .description("tell whether a restore can be undone, and what that would drop");
  addHomeOptions(command);
  addExamples(command, ["safehouse restore status"]);
  runner.attach<PlaceFlags>(command, async (context, flags) => {
    await using home = await context.services.openHome(flags);
    const state = await home.installation.undoState();
    await context.print({
      json: { undo: state ?? null, recovered: home.recovered },
      text: statusText(state),
    });
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

function statusText(state: UndoState | undefined): string {
  if (state === undefined) return "There is no restore that could be undone\n";
  const { slug, name, restoredAt, keptUntil, bytes, newerData } = state;
  return [
    `Backup ${slug} "${printable(name)}" was restored at ${restoredAt}\n`,
    `The state before it is kept until ${keptUntil} (${formatBytes(bytes)})\n`,
    ...newerData.map(
      (path) => `  newer than the restore, would be dropped by an undo: ${printable(path)}\n`,
    ),
  ].join("");
}
