import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { PlaceFlags } from "#operations/services.ts";

/** Safehouse's own data: the flag, `SAFEHOUSE_DATA`, or the system's usual place. */
export function dataDirectory(
  flags: PlaceFlags,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const given = flags.dataDir ?? env["SAFEHOUSE_DATA"];
  if (given !== undefined && given !== "") return resolve(given);
  if (process.platform === "win32") return join(env["LOCALAPPDATA"] ?? homedir(), "safehouse");
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "safehouse");
}
