import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { PlaceFlags } from "#operations/services.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { HomePaths } from "#installation/folder/home-paths.ts";

type PathName = "config" | "share" | "ssl" | "media" | "addonsLocal" | "addonData" | "location";
type Environment = Readonly<Record<string, string | undefined>>;

/** Flag names, their variables, and where each lies below `--home`. */
const names: readonly {
  readonly name: PathName;
  readonly variable: string;
  readonly below: string | undefined;
}[] = [
  { name: "config", variable: "SAFEHOUSE_CONFIG", below: "config" },
  { name: "share", variable: "SAFEHOUSE_SHARE", below: "share" },
  { name: "ssl", variable: "SAFEHOUSE_SSL", below: "ssl" },
  { name: "media", variable: "SAFEHOUSE_MEDIA", below: "media" },
  { name: "addonsLocal", variable: "SAFEHOUSE_ADDONS_LOCAL", below: "addons/local" },
  { name: "addonData", variable: "SAFEHOUSE_ADDON_DATA", below: "data" },
  { name: "location", variable: "SAFEHOUSE_LOCATION", below: undefined },
];

/**
 * Paths by name: each from its flag, else from its variable, else below `--home`, else as saved. A home
 * named by flag or variable hides the saved one altogether. Rejects with `not-found` for a path that was
 * named and does not exist.
 */
export async function resolvePaths(
  flags: PlaceFlags,
  env: Environment,
  saved: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const home = flags.home ?? (env["SAFEHOUSE_HOME"] || undefined);
  if (home !== undefined) await mustBeFolder(home, "--home");
  const found: Record<string, string> = {};
  for (const { name, variable, below } of names) {
    // An empty variable is how container files say that there is none.
    const named = flags[name] ?? (env[variable] === "" ? undefined : env[variable]);
    if (named !== undefined && name !== "location") await mustBeFolder(named, name);
    const path = named ?? unnamed(home, below, saved[name]);
    if (path !== undefined) found[name] = resolve(path);
  }
  return found;
}

/** What lies outside of a home is as saved, also when the home is another one. */
function unnamed(
  home: string | undefined,
  below: string | undefined,
  saved: string | undefined,
): string | undefined {
  return home === undefined || below === undefined ? saved : join(home, below);
}

/** Paths of a home; rejects with `usage` if none is known. */
export function homePaths(paths: Readonly<Record<string, string>>, dataDir: string): HomePaths {
  const { location: _, ...parts } = paths;
  if (Object.keys(parts).length === 0) {
    throw new SafehouseError("usage", "No home is known", {
      advice:
        "Say where it lies with --home DIR or --config DIR, or save it once with: safehouse init --home DIR",
    });
  }
  const { config, share, ssl, media, addonsLocal, addonData } = paths;
  return { config, share, ssl, media, addonsLocal, addonData, dataDir };
}

async function mustBeFolder(path: string, name: string): Promise<void> {
  try {
    if ((await stat(path)).isDirectory()) return;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    throw new SafehouseError(
      code === "ENOENT" ? "not-found" : "denied",
      `The folder ${path} (${name}) cannot be opened (${code})`,
      { cause },
    );
  }
  throw new SafehouseError("not-found", `${path} (${name}) is no folder`);
}
