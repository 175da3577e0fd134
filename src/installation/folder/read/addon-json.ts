import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileErrorCode } from "./file-error.ts";

/** The parts of `addon.json` that Safehouse itself looks at; the rest is carried as it is. */
export interface AddonDocument {
  readonly user: Readonly<Record<string, unknown>>;
  readonly system: Readonly<Record<string, unknown>>;
  readonly state: string;
  readonly version: string;
}

/** What an archive or an earlier run left us about an add-on; undefined if there is nothing usable. */
export async function rememberedAddon(
  dataDir: string,
  slug: string,
): Promise<AddonDocument | undefined> {
  let text: string;
  try {
    text = await readFile(join(dataDir, "addons", `${slug}.json`), "utf8");
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  return parseAddonDocument(text);
}

/** Reads an `addon.json`; undefined if it lacks what the Supervisor requires (docs/format.md, section 6.2). */
export function parseAddonDocument(text: string): AddonDocument | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isRecord(document)) return undefined;
  const { user, system, state, version } = document;
  if (
    !isRecord(user) ||
    !isRecord(system) ||
    typeof state !== "string" ||
    typeof version !== "string"
  )
    return undefined;
  return { ...document, user, system, state, version };
}

/**
 * An `addon.json` that the Supervisor accepts for an add-on of which only the folder is known: every key
 * that its schema requires, nothing that would give the add-on rights.
 */
export function synthesizedAddon(slug: string): AddonDocument {
  const version = "0";
  return {
    user: {
      version,
      options: {},
      boot: "manual",
      protected: true,
      auto_update: false,
      watchdog: false,
    },
    system: {
      name: slug,
      version,
      slug,
      description: "Data kept by Safehouse; the add-on's own settings were not known",
      arch: ["amd64", "aarch64", "armhf", "armv7", "i386"],
      startup: "application",
      boot: "manual",
      options: {},
      // `false` lets any options pass, so that restoring over an installed add-on is not refused.
      schema: false,
      repository: repositoryOf(slug),
      translations: {},
    },
    state: "stopped",
    version,
  };
}

/** Text of an `addon.json`, as it stands in the archive. */
export function writeAddonDocument(document: AddonDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Slugs begin with their repository: `core_ssh`, `local_mine`, `a0d7b954_nodered`. */
function repositoryOf(slug: string): string {
  const prefix = slug.split("_")[0] ?? "";
  return slug.includes("_") && prefix !== "" ? prefix : "local";
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
