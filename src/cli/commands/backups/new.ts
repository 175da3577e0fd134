import { Option, type Command } from "commander";
import { SafehouseError } from "#core/model/problem.ts";
import type { Run } from "#core/model/run.ts";
import { proofReminder } from "#keys/proof-reminder.ts";
import type { DeliveredDocument } from "#operations/backups/delivered-schema.ts";
import { newBackupOperation } from "#operations/backups/new-backup.ts";
import type { KeyDocument } from "#operations/keys/key-schema.ts";
import { listKeysOperation } from "#operations/keys/list-keys.ts";
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
    "folder of the backups (SAFEHOUSE_LOCATION; default: backup in the data directory); if repeated, the backup comes to each of them",
    collectWhole,
  );
  addExamples(command, [
    "safehouse backups new --home /srv/homeassistant --password-file key.txt",
    "safehouse backups new --homeassistant --homeassistant-exclude-database --folders ssl",
    "safehouse backups new --location /srv/backups --location /mnt/nas/backups",
    "safehouse backups new --rule 'media/**' --rule '!*.jpg' --rule '*.mp4 > 50 MB'",
  ]);
  runner.attachLinked<Flags>(command, runNew);
}

async function runNew(context: CommandContext, flags: Flags): Promise<number> {
  const { location: places = [], ...named } = flags;
  const password = await givenPassword(context, flags);
  const wanted = { ...wantedOf(flags), encryption: flags.encryption && password !== "" };
  const secret = password === undefined || password === "" ? {} : { password };
  const made = await context.home.carryOut(
    newBackupOperation,
    { ...wanted, ...secret },
    {
      flags: named,
      ...(places.length === 0 ? {} : { places }),
      waitsFor: (ahead) => tellAhead(context, ahead),
    },
  );
  const key = made.key === null ? undefined : await keyOf(context, named, made.key);
  const text = formatBackup(made, { key, declined: !flags.encryption });
  await context.print({ json: made, text });
  remind(context, key);
  return made.status === "complete" && made.copies.every(isGood) ? exitOk : exitIncomplete;
}

function isGood({ error }: DeliveredDocument): boolean {
  return error === undefined;
}

function tellAhead({ console, progress }: CommandContext, { owner, created }: Run): void {
  progress.clear();
  const since = new Date(created).toISOString();
  console.err(`Waiting for the backup of process ${owner.pid}, which began at ${since}\n`);
}

/** Undefined if none was given, so that the current key is taken; empty for a plain backup. */
async function givenPassword(
  { console }: CommandContext,
  flags: Flags,
): Promise<string | undefined> {
  if (!flags.encryption) {
    refusePassword(flags);
    return undefined;
  }
  const question =
    flags.askPassword === true ? "Password for the backup (empty for none): " : undefined;
  return readPassword(flags, console, { variable: passwordVariable, question });
}

function refusePassword({ password, passwordFile, askPassword }: Flags): void {
  if (password === undefined && passwordFile === undefined && askPassword !== true) return;
  throw new SafehouseError("usage", "A password and --no-encryption exclude each other");
}

async function keyOf(
  { home }: CommandContext,
  flags: PlaceFlags,
  id: string,
): Promise<KeyDocument | undefined> {
  const { keys } = await home.call(listKeysOperation, {}, { flags });
  return keys.find((key) => key.id === id);
}

function remind({ console, json }: CommandContext, key: KeyDocument | undefined): void {
  const reminder = key && proofReminder({ ...key, provenAt: key.provenAt ?? undefined });
  if (reminder !== undefined && !json) console.err(`${printable(reminder)}\n`);
}

function wantedOf(flags: Flags) {
  const { name, app = [], folders = [], rule = [], homeassistant } = flags;
  return {
    ...(name === undefined ? {} : { name }),
    ...(homeassistant === undefined ? {} : { homeassistant }),
    excludeDatabase: flags.homeassistantExcludeDatabase === true,
    folders,
    addons: app,
    rules: rule,
    savedRules: flags.savedRules,
    securetar: flags.securetar === "2" ? (2 as const) : (3 as const),
    compressed: flags.uncompressed !== true,
    verify: flags.verify,
    queue: flags.queue,
  };
}
