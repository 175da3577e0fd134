import { Option, type Command } from "commander";
import { runBackup, type RunBackupRequest } from "#jobs/backup/run-backup.ts";
import type { CopyOutcome } from "#jobs/delivery/copy-outcome.ts";
import type { Run } from "#core/model/run.ts";
import { parseRule } from "#core/rules/parse-rule.ts";
import type { Rule } from "#core/rules/rule.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { backupKeys, type BackupKeys } from "#keys/backup-keys.ts";
import type { RingKey } from "#keys/key-ring-port.ts";
import { OpenRing } from "#keys/open-ring.ts";
import { proofReminder } from "#keys/proof-reminder.ts";
import type { CommandContext, CommandRunner, CommonFlags } from "../../command-context.ts";
import { exitIncomplete, exitOk } from "../../exit-codes.ts";
import { passwordVariable, readPassword, type PasswordFlags } from "../../input/password.ts";
import { printable } from "../../output/table.ts";
import type { PlaceFlags } from "#operations/services.ts";
import {
  addExamples,
  addFolderOptions,
  addPasswordOptions,
  collect,
  collectWhole,
} from "../options.ts";
import { formatBackup } from "./format-backup.ts";

interface Flags extends PasswordFlags, Omit<PlaceFlags, "location">, CommonFlags {
  readonly location?: string[];
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
  readonly encryption: boolean;
  readonly verify: boolean;
  readonly queue: boolean;
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
    .option("--no-encryption", "do not encrypt, although there is a key (see keys list)")
    .option("--no-verify", "do not read the backup back")
    .option(
      "--no-queue",
      "fail at once if another backup is being made, instead of waiting for it",
    );
  addPasswordOptions(command);
  addFolderOptions(command).option(
    "-l, --location <dir>",
    "folder of the backups (SAFEHOUSE_LOCATION; default: backup in the data directory); if repeated, the backup is made at the first and copied to the others",
    collectWhole,
  );
  addExamples(command, [
    "safehouse backups new --home /srv/homeassistant --password-file key.txt",
    "safehouse backups new --homeassistant --homeassistant-exclude-database --folders ssl",
    "safehouse backups new --location /srv/backups --location /mnt/nas/backups",
    "safehouse backups new --rule 'media/**' --rule '!*.jpg' --rule '*.mp4 > 50 MB'",
  ]);
  runner.attach<Flags>(command, runNew);
}

async function runNew(context: CommandContext, flags: Flags): Promise<number> {
  const { services, progress, signal } = context;
  const { location = [], ...named } = flags;
  const [first, ...others] = location;
  // The home is opened with the location at which the backup is made.
  const places: PlaceFlags = first === undefined ? named : { ...named, location: first };
  const chosen = await chooseKeys(context, flags, places);
  await using home = await services.openHome(places);
  await using runs = await services.openRuns(places);
  const locations = [home.location.id, ...others.map((other) => home.locationId(other))];
  const request = requestOf(flags, { saved: home.rules, keys: chosen?.keys, locations });
  const { openLocation, tools } = home;
  const { report } = progress;
  const result = await runBackup(request, {
    runs: runs.tools,
    backup: { installation: home.installation, ...tools, report, signal },
    installationId: await home.installationId(),
    openLocation,
    hold: (held) => home.hold("backup", held),
    queue: flags.queue,
    waitsFor: (ahead) => tellAhead(context, ahead),
  });
  await context.print({
    json: { ...result, key: chosen?.key?.id ?? null, recovered: home.recovered },
    text: formatBackup(result, home.recovered, { key: chosen?.key, declined: !flags.encryption }),
  });
  remind(context, chosen?.key);
  return result.status === "complete" && result.copies.every(isGood) ? exitOk : exitIncomplete;
}

function isGood({ error }: CopyOutcome): boolean {
  return error === undefined;
}

function tellAhead({ console, progress }: CommandContext, { owner, created }: Run): void {
  progress.clear();
  const since = new Date(created).toISOString();
  console.err(`Waiting for the backup of process ${owner.pid}, which began at ${since}\n`);
}

interface ChosenKeys {
  readonly keys: BackupKeys;
  /** Undefined for a password that was given. */
  readonly key?: RingKey;
}

/** A password that was given, else the current key of the ring; undefined for a plain backup. */
async function chooseKeys(
  context: CommandContext,
  flags: Flags,
  places: PlaceFlags,
): Promise<ChosenKeys | undefined> {
  const { console, services } = context;
  if (!flags.encryption) {
    refusePassword(flags);
    return undefined;
  }
  const question =
    flags.askPassword === true ? "Password for the backup (empty for none): " : undefined;
  const password = await readPassword(flags, console, { variable: passwordVariable, question });
  if (password === "") return undefined;
  if (password !== undefined) return { keys: backupKeys(password) };
  return new OpenRing(services.keyRing(places)).current();
}

function refusePassword({ password, passwordFile, askPassword }: Flags): void {
  if (password === undefined && passwordFile === undefined && askPassword !== true) return;
  throw new SafehouseError("usage", "A password and --no-encryption exclude each other");
}

function remind({ console, json }: CommandContext, key: RingKey | undefined): void {
  const reminder = key && proofReminder(key);
  if (reminder !== undefined && !json) console.err(`${printable(reminder)}\n`);
}

interface Prepared {
  readonly saved: readonly Rule[];
  readonly keys: BackupKeys | undefined;
  /** Ids. */
  readonly locations: readonly string[];
}

function requestOf(flags: Flags, { saved, keys, locations }: Prepared): RunBackupRequest {
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
    encryption: keys && { version, keys },
    compressed: flags.uncompressed !== true,
    verify: flags.verify,
    extra: {},
    locations: locations.map((location) => ({ location, retention: undefined })),
    trigger: { kind: "manual" },
  };
}
