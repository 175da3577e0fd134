import { Option, type Command } from "commander";
import { makeBackup } from "#jobs/backup/make-backup.ts";
import type { BackupRequest } from "#jobs/backup/backup-request.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import type { Rule } from "#core/rules/rule.ts";
import { backupKeys } from "#keys/backup-keys.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { readPassword, type PasswordFlags } from "../../input/password.ts";
import type { PlaceFlags } from "../../services.ts";
import {
  addExamples,
  addHomeOptions,
  addPasswordOptions,
  collect,
  collectWhole,
} from "../options.ts";
import { formatBackup } from "./format-backup.ts";

interface Flags extends PasswordFlags, PlaceFlags, CommonFlags {
  readonly name?: string;
  readonly homeassistant?: boolean;
  readonly homeassistantExcludeDatabase?: boolean;
  readonly app?: string[];
  readonly folders?: string[];
  readonly rule?: string[];
  readonly savedRules: boolean;
  readonly uncompressed?: boolean;
  readonly securetar: "2" | "3";
  readonly askPassword?: boolean;
  readonly verify: boolean;
}

export function addBackupsNew(group: Command, runner: CommandRunner): void {
  const command = group
    .command("new")
    .alias("create")
    .description("make a backup; of everything, unless parts are named")
    .option("--name <name>", "name of the backup")
    .option("--homeassistant", "Home Assistant's configuration")
    .option("--homeassistant-exclude-database", "without the recorder database")
    .option("-a, --app <slug>", "an add-on, ALL for every one; may be repeated", collect)
    .option("-f, --folders <folder>", "share, addons/local, ssl or media; may be repeated", collect)
    .option(
      "--rule <rule>",
      "leave out what matches, see rules preview; may be repeated",
      collectWhole,
    )
    .option("--no-saved-rules", "do not use the saved rules")
    .option("--uncompressed", "do not compress")
    .addOption(
      new Option("--securetar <version>", "version of the encryption")
        .choices(["2", "3"])
        .default("3"),
    )
    .option("--ask-password", "ask for the password on the terminal")
    .option("--no-verify", "do not read the backup back");
  addPasswordOptions(command);
  addHomeOptions(command);
  addExamples(command, [
    "safehouse backups new --home /srv/homeassistant --password-file key.txt",
    "safehouse backups new --homeassistant --homeassistant-exclude-database --folders ssl",
    "safehouse backups new --rule 'media/**' --rule '!*.jpg' --rule '*.mp4 > 50 MB'",
  ]);
  runner.attach<Flags>(command, runNew);
}

async function runNew(context: CommandContext, flags: Flags): Promise<number> {
  const { services, progress, signal } = context;
  const password = await encryptionPassword(context, flags);
  await using home = await services.openHome(flags);
  await using _ = await home.hold("backup");
  const request = requestOf(flags, home.rules, password);
  const { installation, location, tools } = home;
  const result = await makeBackup(request, {
    installation,
    location,
    ...tools,
    report: progress.report,
    signal,
  });
  await context.print({
    json: { ...result, recovered: home.recovered },
    text: formatBackup(result, home.recovered),
  });
  return result.status === "complete" ? exitOk : exitIncomplete;
}

async function encryptionPassword(
  { console }: CommandContext,
  flags: Flags,
): Promise<string | undefined> {
  const question =
    flags.askPassword === true ? "Password for the backup (empty for none): " : undefined;
  const password = await readPassword(flags, console, { variable: "SAFEHOUSE_PASSWORD", question });
  return password === "" ? undefined : password;
}

function requestOf(
  flags: Flags,
  saved: readonly Rule[],
  password: string | undefined,
): BackupRequest {
  const version = flags.securetar === "2" ? 2 : 3;
  const {
    app: addons = [],
    folders = [],
    homeassistantExcludeDatabase: excludeDatabase = false,
  } = flags;
  return {
    name: flags.name,
    selection: {
      excludeDatabase,
      folders,
      addons,
      ...(flags.homeassistant === undefined ? {} : { homeassistant: flags.homeassistant }),
    },
    rules: [...(flags.savedRules ? saved : []), ...(flags.rule ?? []).map(parseRule)],
    encryption: password === undefined ? undefined : { version, keys: backupKeys(password) },
    compressed: flags.uncompressed !== true,
    verify: flags.verify,
    extra: {},
  };
}
