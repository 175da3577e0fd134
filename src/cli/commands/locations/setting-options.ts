import type { Command } from "commander";
import { collect, collectWhole } from "../options.ts";

export interface SettingFlags {
  readonly name?: string;
  readonly path?: string;
  readonly set?: readonly string[];
  readonly fromFile?: readonly string[];
  readonly ask?: readonly string[];
}

/** Options that say what a location is like. */
export function addSettingOptions(command: Command): Command {
  return command
    .option("--name <text>", "what people call it")
    .option("--path <dir>", "where a folder lies; the same as --set path=DIR")
    .option(
      "--set <name=value>",
      "a setting of its kind that is no secret; may be repeated",
      collectWhole,
    )
    .option(
      "--from-file <name=file>",
      "a setting from a file; of a password its first line",
      collectWhole,
    )
    .option("--ask <name>", "ask for a setting on the terminal", collect);
}
