import { isAbsolute, resolve } from "node:path";
import type { Command } from "commander";
import type { HomeCalls } from "#client/home-calls.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { PlaceFlags } from "#operations/services.ts";
import { collectWhole } from "../options.ts";

export interface SettingFlags {
  readonly name?: string;
  readonly path?: string;
  readonly set?: readonly string[];
}

/** Options that say what a location is like. */
export function addSettingOptions(command: Command): Command {
  return command
    .option("--name <text>", "what people call it")
    .option("--path <dir>", "where a folder lies; the same as --set path=DIR")
    .option("--set <name=value>", "a setting of its kind; may be repeated", collectWhole);
}

/**
 * Settings by name. A path is one of this machine, or of that of a server elsewhere, where it has to be whole.
 * Rejects with `usage` for what is no setting, and for one that is given twice.
 */
export async function settingsOf(
  flags: SettingFlags & PlaceFlags,
  home: HomeCalls,
): Promise<Readonly<Record<string, string>>> {
  const { path, ...settings } = typedSettings(flags);
  if (path === undefined || isAbsolute(path)) return typedSettings(flags);
  const server = await home.server({ flags });
  if (server === undefined) return typedSettings(flags);
  if (server.address.found) return { ...settings, path: resolve(path) };
  throw new SafehouseError("usage", `Nobody knows where ${path} is on the machine of the server`, {
    subject: path,
    advice: "Give the whole path, as /mnt/nas/backups",
  });
}

function typedSettings({ path, set = [] }: SettingFlags): Record<string, string> {
  const settings = new Map<string, string>();
  for (const text of [...(path === undefined ? [] : [`path=${path}`]), ...set]) {
    const at = text.indexOf("=");
    if (at < 1) throw noSetting(text, "is no setting");
    const name = text.slice(0, at);
    if (settings.has(name)) throw noSetting(name, "is set twice");
    settings.set(name, text.slice(at + 1));
  }
  return Object.fromEntries(settings);
}

function noSetting(text: string, why: string): SafehouseError {
  return new SafehouseError("usage", `"${text}" ${why}`, {
    subject: text,
    advice: "Give each setting once, as --set NAME=VALUE",
  });
}
