import { Command, CommanderError } from "commander";
import { CommandRunner } from "./command-context.ts";
import { addAccess } from "./commands/access/access.ts";
import { addAlertsCheck } from "./commands/alerts/check.ts";
import { addAlertsList } from "./commands/alerts/list.ts";
import { addArchiveCat } from "./commands/archive/cat.ts";
import { addArchiveExtract } from "./commands/archive/extract.ts";
import { addArchiveList } from "./commands/archive/list.ts";
import { addArchiveDecrypt, addArchiveEncrypt } from "./commands/archive/rewrite.ts";
import { addArchiveVerify } from "./commands/archive/verify.ts";
import { addBackupsCopy } from "./commands/backups/copy.ts";
import { addBackupsDownload } from "./commands/backups/download.ts";
import { addBackupsInfo } from "./commands/backups/info.ts";
import { addBackupsList } from "./commands/backups/list.ts";
import { addBackupsNew } from "./commands/backups/new.ts";
import { addBackupsPrune } from "./commands/backups/prune.ts";
import { addBackupsNote } from "./commands/backups/note.ts";
import { addBackupsPin, addBackupsUnpin } from "./commands/backups/pin.ts";
import { addBackupsReload } from "./commands/backups/reload.ts";
import { addBackupsRemove } from "./commands/backups/remove.ts";
import { addBackupsRestore } from "./commands/backups/restore.ts";
import { addBackupsUpload } from "./commands/backups/upload.ts";
import { addBackupsVerify } from "./commands/backups/verify.ts";
import { addComplete, addCompletion } from "./commands/completion.ts";
import { addInit } from "./commands/init.ts";
import { addKeysImport } from "./commands/keys/import.ts";
import { addKeysKit } from "./commands/keys/kit.ts";
import { addKeysList } from "./commands/keys/list.ts";
import { addKeysMatch } from "./commands/keys/match.ts";
import { addKeysNew, addKeysRotate } from "./commands/keys/new.ts";
import { addKeysProve } from "./commands/keys/prove.ts";
import { addKeysReencrypt } from "./commands/keys/reencrypt.ts";
import { addKeysRemove } from "./commands/keys/remove.ts";
import { addKeysShow } from "./commands/keys/show.ts";
import { addKeysUse } from "./commands/keys/use.ts";
import { addLocationsAdd } from "./commands/locations/add.ts";
import { addLocationsChange } from "./commands/locations/change.ts";
import { addLocationsDefault } from "./commands/locations/default.ts";
import { addLocationsInfo } from "./commands/locations/info.ts";
import { addLocationsKinds } from "./commands/locations/kinds.ts";
import { addLocationsList } from "./commands/locations/list.ts";
import { addLocationsRemove } from "./commands/locations/remove.ts";
import { addLocationsTest } from "./commands/locations/try-out.ts";
import { addNotificationsAdd, addNotificationsChange } from "./commands/notifications/add.ts";
import { addNotificationsList } from "./commands/notifications/list.ts";
import { addNotificationsLog } from "./commands/notifications/log.ts";
import { addNotificationsRemove } from "./commands/notifications/remove.ts";
import { addNotificationsTest } from "./commands/notifications/test.ts";
import { addExamples } from "./commands/options.ts";
import { addPlansInfo } from "./commands/plans/info.ts";
import { addPlansList } from "./commands/plans/list.ts";
import { addPlansChange, addPlansNew } from "./commands/plans/new.ts";
import { addPlansPreview } from "./commands/plans/preview.ts";
import { addPlansRun } from "./commands/plans/run.ts";
import { addPlansRemove } from "./commands/plans/remove.ts";
import { addPlansDisable, addPlansEnable } from "./commands/plans/switch.ts";
import { addRestoreStatus, addRestoreUndo } from "./commands/restore/undo.ts";
import { addRulesPreview } from "./commands/rules/preview.ts";
import { addRulesAdd, addRulesList, addRulesRemove } from "./commands/rules/saved.ts";
import { addRunsCancel } from "./commands/runs/cancel.ts";
import { addRunsInfo } from "./commands/runs/info.ts";
import { addRunsList } from "./commands/runs/list.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addServe } from "./commands/serve.ts";
import { addInbox } from "./commands/inbox/inbox.ts";
import { addSharing } from "./commands/sharing/sharing.ts";
import { addSettingsExport } from "./commands/settings/export.ts";
import { addSettingsImport } from "./commands/settings/import.ts";
import type { Console } from "./console.ts";
import { exitCodes, exitOk } from "./exit-codes.ts";
import { reportError } from "./output/report-error.ts";
import type { Services } from "#operations/services.ts";

/** Runs the command line; returns the exit code (docs/cli.md). */
export async function runProgram(
  args: readonly string[],
  console: Console,
  services: Services,
): Promise<number> {
  try {
    const code = await parse(args, console, services);
    await console.flush();
    return code;
  } catch (error) {
    return reportError(error, console, { json: false, flags: [] });
  }
}

async function parse(
  args: readonly string[],
  console: Console,
  services: Services,
): Promise<number> {
  const runner = new CommandRunner(console, services);
  const program = buildProgram(runner, console, services);
  if (args.length === 0) {
    await console.out(`${program.helpInformation()}\n${firstSteps}`);
    return exitOk;
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return runner.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitOk;
    if (args.includes("--json"))
      await console.out(`${JSON.stringify({ error: usageProblem(error) })}\n`);
    return exitCodes.usage;
  }
}

function usageProblem({ message }: CommanderError): unknown {
  return { problem: "usage", message: message.replace(/^error: /, "") };
}

const firstSteps = `Make your first backup:
  safehouse init --home /srv/homeassistant     where your home lies; --config DIR for a configuration folder alone
  safehouse keys new                           an encryption key; keep its kit (keys kit) away from this machine
  safehouse backups new                        back everything up, encrypted, and read it back
  safehouse backups list                       what is there

Look into any Home Assistant backup:
  safehouse archive list backup.tar
`;

function buildProgram(runner: CommandRunner, console: Console, services: Services): Command {
  const program = new Command("safehouse")
    .description("Back up, keep, restore and prove Home Assistant homes")
    .version(services.version)
    .exitOverride()
    .configureOutput({
      // What goes wrong here is told by `flush`.
      writeOut: (text) => void console.out(text).catch(() => undefined),
      writeErr: (text) => console.err(text),
      outputError: (text, write) => write(text.replace(/^error: /, "Error: ")),
      getOutHelpWidth: () => console.columns,
      getErrHelpWidth: () => console.columns,
    });
  addInit(program, runner);
  addServe(program, runner);
  addDoctor(program, runner);
  addDoing(program, runner);
  addSettingUp(program, runner);
  addCompletion(program, runner);
  addComplete(program, runner);
  addExamples(program, ["safehouse backups new --help", "safehouse archive verify backup.tar"]);
  return program;
}

function addDoing(program: Command, runner: CommandRunner): void {
  addBackups(
    program.command("backups").description("make, list, check, restore and remove backups"),
    runner,
  );
  addArchive(
    program
      .command("archive")
      .description("work on any Home Assistant backup file, without a home"),
    runner,
  );
  addRestore(program.command("restore").description("take a restore back"), runner);
  addRules(
    program.command("rules").description("rules about what does not go into backups"),
    runner,
  );
  addKeys(
    program.command("keys").description("encryption keys of backups and their emergency kits"),
    runner,
  );
  addRuns(
    program.command("runs").description("see what backups are and were being made, and cancel"),
    runner,
  );
}

function addSettingUp(program: Command, runner: CommandRunner): void {
  addAccess(program, runner);
  addLocations(program.command("locations").description("places where backups are kept"), runner);
  addPlans(
    program.command("plans").description("what is backed up when, where to, and for how long"),
    runner,
  );
  const settings = program
    .command("settings")
    .description("write all settings to a file, and back");
  addSettingsExport(settings, runner);
  addSettingsImport(settings, runner);
  addInbox(program, runner);
  addSharing(program, runner);
  addNotifications(
    program.command("notifications").description("channels by which Safehouse tells people"),
    runner,
  );
  addAlerts(program.command("alerts").description("what is wrong with the backups"), runner);
}

function addBackups(group: Command, runner: CommandRunner): void {
  addBackupsList(group, runner);
  addBackupsNew(group, runner);
  addBackupsInfo(group, runner);
  addBackupsRestore(group, runner);
  addBackupsVerify(group, runner);
  addBackupsRemove(group, runner);
  addBackupsDownload(group, runner);
  addBackupsUpload(group, runner);
  addBackupsCopy(group, runner);
  addBackupsPrune(group, runner);
  addBackupsReload(group, runner);
  addBackupsPin(group, runner);
  addBackupsUnpin(group, runner);
  addBackupsNote(group, runner);
}

function addArchive(group: Command, runner: CommandRunner): void {
  addArchiveList(group, runner);
  addArchiveCat(group, runner);
  addArchiveExtract(group, runner);
  addArchiveVerify(group, runner);
  addArchiveDecrypt(group, runner);
  addArchiveEncrypt(group, runner);
}

function addRestore(group: Command, runner: CommandRunner): void {
  addRestoreUndo(group, runner);
  addRestoreStatus(group, runner);
}

function addKeys(group: Command, runner: CommandRunner): void {
  addKeysList(group, runner);
  addKeysNew(group, runner);
  addKeysImport(group, runner);
  addKeysShow(group, runner);
  addKeysKit(group, runner);
  addKeysProve(group, runner);
  addKeysUse(group, runner);
  addKeysRotate(group, runner);
  addKeysReencrypt(group, runner);
  addKeysRemove(group, runner);
  addKeysMatch(group, runner);
}

function addRules(group: Command, runner: CommandRunner): void {
  addRulesPreview(group, runner);
  addRulesList(group, runner);
  addRulesAdd(group, runner);
  addRulesRemove(group, runner);
}

function addLocations(group: Command, runner: CommandRunner): void {
  addLocationsKinds(group, runner);
  addLocationsList(group, runner);
  addLocationsAdd(group, runner);
  addLocationsInfo(group, runner);
  addLocationsChange(group, runner);
  addLocationsRemove(group, runner);
  addLocationsDefault(group, runner);
  addLocationsTest(group, runner);
}

function addRuns(group: Command, runner: CommandRunner): void {
  addRunsList(group, runner);
  addRunsInfo(group, runner);
  addRunsCancel(group, runner);
}

function addPlans(group: Command, runner: CommandRunner): void {
  addPlansList(group, runner);
  addPlansInfo(group, runner);
  addPlansNew(group, runner);
  addPlansChange(group, runner);
  addPlansEnable(group, runner);
  addPlansDisable(group, runner);
  addPlansPreview(group, runner);
  addPlansRun(group, runner);
  addPlansRemove(group, runner);
}

function addNotifications(group: Command, runner: CommandRunner): void {
  addNotificationsList(group, runner);
  addNotificationsAdd(group, runner);
  addNotificationsChange(group, runner);
  addNotificationsTest(group, runner);
  addNotificationsLog(group, runner);
  addNotificationsRemove(group, runner);
}

function addAlerts(group: Command, runner: CommandRunner): void {
  addAlertsList(group, runner);
  addAlertsCheck(group, runner);
}
