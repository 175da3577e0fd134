import type { Command } from "commander";
import type { Asking } from "#client/asking.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { SelectionRequest } from "#core/plan/resolve-selection.ts";
import { openArchiveFile } from "#jobs/archive/open-archive-file.ts";
import type { RestoreRequest } from "#jobs/restore/restore-request.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { restoreBackupOperation } from "#operations/backups/restore-backup.ts";
import { beginRestore } from "#operations/backups/restore-run.ts";
import type { HomeContext } from "#operations/home-context.ts";
import { serviceFor } from "#operations/restores/service-for.ts";
import { restoredSchema, type RestoredDocument } from "#operations/restores/restored-schema.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { archivePassword, passwordSources } from "../../input/archive-password.ts";
import type { PasswordFlags } from "../../input/password.ts";
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
  runner.attachLinked<Flags>(command, async (context, flags, [reference = ""]) => {
    const asking = askingOf(context, flags);
    const result = /[\\/]/.test(reference)
      ? await restoreFile(context, reference, asking)
      : await restoreNamed(context, reference, asking);
    await context.print({ json: result, text: formatRestore(result) });
    return isWhole(result) ? exitOk : exitIncomplete;
  });
}

interface RestoreAsking extends Asking {
  readonly flags: Flags;
  readonly stopped: boolean;
}

function askingOf(context: CommandContext, flags: Flags): RestoreAsking {
  const { stopped, ...service } = serviceOptions(flags);
  return { flags, passwords: passwordSources(context, flags), service, stopped };
}

function isWhole({ status, service, parts }: RestoredDocument): boolean {
  const leftOut = parts.some(({ notes }) =>
    notes.some(({ problem }) => problem !== "outside-link"),
  );
  return status !== "incomplete" && service !== "not-running" && !leftOut;
}

function restoreNamed(
  { home }: CommandContext,
  backup: string,
  { stopped, ...asking }: RestoreAsking,
): Promise<RestoredDocument> {
  const wanted = { backup, ...partsOf(asking.flags), ...agreedTo(asking.flags), stopped };
  return home.carryOut(restoreBackupOperation, wanted, asking);
}

/** A reference with a separator in it is a path on this machine. */
async function restoreFile(
  context: CommandContext,
  path: string,
  { stopped, ...asking }: RestoreAsking,
): Promise<RestoredDocument> {
  const { flags } = asking;
  if ((await context.home.server({ flags }))?.address.found === false)
    throw new SafehouseError("usage", "A server restores what lies at one of its locations", {
      advice: `Bring it there with: safehouse backups upload ${path}`,
    });
  const tools = context.services.archiveTools(flags);
  const askPassword = archivePassword(context, flags);
  const begin = async (here: HomeContext): Promise<string> =>
    beginRestore(here, {
      place: flags,
      backup: undefined,
      request: {
        selection: partsOf(flags),
        ...agreedTo(flags),
        ...(await serviceFor(here, stopped)),
      },
      open: () => openArchiveFile(path, tools, askPassword),
      recovered: [],
    });
  return context.home.carryOutHere(restoredSchema, begin, asking);
}

function partsOf(flags: Flags): SelectionRequest & { addons: string[]; folders: string[] } {
  const { app = [], folders = [], homeassistant } = flags;
  return {
    excludeDatabase: flags.homeassistantExcludeDatabase === true,
    folders,
    addons: app,
    ...(homeassistant === undefined ? {} : { homeassistant }),
  };
}

function agreedTo({
  dryRun,
  exact,
  replaceUndo,
}: Flags): Pick<RestoreRequest, "dryRun" | "exact" | "replaceUndo"> {
  return { dryRun: dryRun === true, exact: exact === true, replaceUndo: replaceUndo === true };
}
