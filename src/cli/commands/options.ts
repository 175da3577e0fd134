import type { Command } from "commander";

/** Options of every command that may have to open an encrypted archive. */
export function addPasswordOptions(command: Command): Command {
  return command
    .option(
      "--password-file <file>",
      "read the password from the first line of a file (SAFEHOUSE_PASSWORD holds one too)",
    )
    .option("--password <password>", "the password; other users of this machine can see it");
}

/** Options that say where a home lies. */
export function addHomeOptions(command: Command): Command {
  return addLocationOption(addFolderOptions(command));
}

/** Options that say where the parts of a home lie. */
export function addFolderOptions(command: Command): Command {
  return command
    .option(
      "--home <dir>",
      "folder with config, share, ssl, media, addons/local and data (SAFEHOUSE_HOME)",
    )
    .option("--config <dir>", "Home Assistant's configuration folder (SAFEHOUSE_CONFIG)")
    .option("--share <dir>", "the share folder (SAFEHOUSE_SHARE)")
    .option("--ssl <dir>", "the ssl folder (SAFEHOUSE_SSL)")
    .option("--media <dir>", "the media folder (SAFEHOUSE_MEDIA)")
    .option("--addons-local <dir>", "the folder of local add-ons (SAFEHOUSE_ADDONS_LOCAL)")
    .option(
      "--addon-data <dir>",
      "the folder with one folder of data per add-on (SAFEHOUSE_ADDON_DATA)",
    );
}

/** Where backups are kept. */
export function addLocationOption(command: Command): Command {
  return command.option(
    "-l, --location <id|dir>",
    "a location by its id, or a folder by a path with a / in it (SAFEHOUSE_LOCATION)",
  );
}

/** An option that may be given several times, or once with commas. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(",").filter((item) => item !== "")];
}

/** The same for values that may hold commas. */
export function collectWhole(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** Adds examples below the help of a command. */
export function addExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText(
    "after",
    `\nExamples:\n${examples.map((line) => `  ${line}\n`).join("")}`,
  );
}
