import type { Command } from "commander";
import { openArchiveFile, type ArchiveFile } from "#jobs/archive/open-archive-file.ts";
import { openBackup } from "#jobs/backup/open-backup.ts";
import type { RestoreRequest } from "#jobs/restore/restore-request.ts";
import { restoreBackup } from "#jobs/restore/restore-backup.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { archivePassword } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
import type { OpenHome, PlaceFlags } from "#jobs/services.ts";
import { addExamples, addHomeOptions, addPasswordOptions, collect } from "../options.ts";
import { addServiceOptions, serviceOptions, type ServiceFlags } from "../service-options.ts";
import { formatRestore } from "./format-restore.ts";

interface Flags extends PasswordFlags, PlaceFlags, ServiceFlags, CommonFlags {
  readonly homeassistant?: boolean;
  readonly homeassistantExcludeDatabase?: boolean;
  readonly app?: string[];
  readonly folders?: string[];
  readonly dryRun?: boolean;
  readonly exact?: boolean;
  readonly replaceUndo?: boolean;
}

export function addBackupsRestore(group: Command, runner: CommandRunner): void {
  const command = group
    .command("restore <slug>")
    .description(
      "restore a backup, by slug or by the path of a .tar; everything in it, unless parts are named",
    )
    .option("--homeassistant", "Home Assistant's configuration")
    .option("--homeassistant-exclude-database", "keep the recorder database that is there")
    .option("-a, --app <slug>", "an add-on, ALL for every one; may be repeated", collect)
    .option("-f, --folders <folder>", "share, addons/local, ssl or media; may be repeated", collect)
    .option("--dry-run", "read and check everything and say what would change")
    .option(
      "--exact",
      "also remove what is otherwise kept: what the backup's rules left out, backups, the database",
    )
    .option("--replace-undo", "give up the undo of an earlier restore");
  addServiceOptions(command);
  addPasswordOptions(command);
  addHomeOptions(command);
  addExamples(command, [
    "safehouse backups restore 7fed74c8 --dry-run",
    "safehouse backups restore 7fed74c8 --stop-command 'docker stop homeassistant' --start-command 'docker start homeassistant' --check-url http://localhost:8123",
    "safehouse backups restore ~/Downloads/backup.tar --home /srv/homeassistant --folders ssl",
  ]);
  runner.attach<Flags>(command, (context, flags, [reference = ""]) =>
    runRestore(context, flags, reference),
  );
}

async function runRestore(
  context: CommandContext,
  flags: Flags,
  reference: string,
): Promise<number> {
  const { services, progress, signal } = context;
  await using home = await services.openHome(flags);
  await using _ = await home.hold("restore");
  await using file = await open(context, flags, { home, reference });
  const { installation } = home;
  const result = await restoreBackup(file, requestOf(flags), {
    installation,
    report: progress.report,
    signal,
  });
  await context.print({
    json: { ...result, recovered: home.recovered },
    text: formatRestore(result, home.recovered),
  });
  const leftOut = result.parts.some(({ notes }) =>
    notes.some(({ problem }) => problem !== "outside-link"),
  );
  const whole = result.status !== "incomplete" && result.service !== "not-running" && !leftOut;
  return whole ? exitOk : exitIncomplete;
}

/** A reference with a separator in it is a path, any other names a backup at the location. */
function open(
  context: CommandContext,
  flags: Flags,
  { home, reference }: { readonly home: OpenHome; readonly reference: string },
): Promise<ArchiveFile> {
  const { services, signal } = context;
  const askPassword = archivePassword(context, flags);
  if (!/[\\/]/.test(reference))
    return openBackup(home.location, reference, { askPassword, signal });
  return openArchiveFile(reference, services.archiveTools(flags), askPassword);
}

function requestOf(flags: Flags): RestoreRequest {
  const {
    app: addons = [],
    folders = [],
    homeassistantExcludeDatabase: excludeDatabase = false,
  } = flags;
  const { homeassistant } = flags;
  return {
    selection: {
      excludeDatabase,
      folders,
      addons,
      ...(homeassistant === undefined ? {} : { homeassistant }),
    },
    dryRun: flags.dryRun === true,
    exact: flags.exact === true,
    replaceUndo: flags.replaceUndo === true,
    ...serviceOptions(flags),
  };
}
