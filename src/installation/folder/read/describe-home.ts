import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BackupAddon } from "#core/model/backup.ts";
import { folderNames } from "#core/model/part.ts";
import type { Part } from "#core/model/part.ts";
import type { InstallationState } from "../../installation.ts";
import type { HomePaths } from "../home-paths.ts";
import { rememberedAddon, synthesizedAddon } from "./addon-json.ts";
import { fileErrorCode } from "./file-error.ts";
import { isAddonSlug, partRoot } from "./part-root.ts";

/** What this home holds right now. A path that is absent, or no directory, is not listed. */
export async function describeHome(paths: HomePaths): Promise<InstallationState> {
  const addons = await addonsOf(paths);
  const candidates: Part[] = [
    { kind: "homeassistant" },
    ...addons.map(({ slug }) => ({ kind: "addon" as const, slug })),
    ...folderNames.map((name) => ({ kind: "folder" as const, name })),
  ];
  const present = await Promise.all(candidates.map((part) => isDirectory(partRoot(paths, part))));
  return {
    homeassistantVersion: await homeassistantVersion(paths),
    parts: candidates.filter((_, index) => present[index]),
    addons,
  };
}

/** Version of Home Assistant as its own `.HA_VERSION` tells it. */
export async function homeassistantVersion(paths: HomePaths): Promise<string | undefined> {
  if (paths.config === undefined) return undefined;
  const text = await orAbsent(readFile(join(paths.config, ".HA_VERSION"), "utf8"));
  return text?.trim() || undefined;
}

async function addonsOf(paths: HomePaths): Promise<BackupAddon[]> {
  const root = paths.addonData;
  if (root === undefined) return [];
  const names = ((await orAbsent(readdir(root))) ?? []).filter(isAddonSlug).toSorted();
  const found = await Promise.all(names.map((slug) => isDirectory(join(root, slug))));
  return Promise.all(
    names.filter((_, index) => found[index]).map((slug) => describeAddon(paths.dataDir, slug)),
  );
}

async function describeAddon(dataDir: string, slug: string): Promise<BackupAddon> {
  const { system, version } = (await rememberedAddon(dataDir, slug)) ?? synthesizedAddon(slug);
  const name = system["name"];
  return { slug, name: typeof name === "string" ? name : slug, version, size: 0 };
}

async function isDirectory(path: string | undefined): Promise<boolean> {
  return path !== undefined && (await orAbsent(stat(path)))?.isDirectory() === true;
}

async function orAbsent<Value>(attempt: Promise<Value>): Promise<Value | undefined> {
  try {
    return await attempt;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(fileErrorCode(error) ?? "")) return undefined;
    throw error;
  }
}
