import type { BackupAddon, BackupMetadata } from "#core/model/backup.ts";
import { folderNames, type FolderName } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import { ObjectReader } from "./json-object.ts";
import { parseJsonObject } from "./parse-json.ts";

/**
 * Reads `backup.json` or `snapshot.json` of metadata version 1 or 2, from the Supervisor or from Core
 * (docs/format.md, sections 3, 9 and 10), about as leniently as the Supervisor does; stricter where a
 * value could become a path: slugs.
 *
 * Throws `unknown-version` for another metadata version, and `not-a-backup`, naming the key, for what is
 * not such a document. Nothing else, whatever the bytes.
 */
export function parseBackupJson(bytes: Uint8Array): BackupMetadata {
  const raw = parseJsonObject(bytes);
  const document = new ObjectReader(raw);
  const version = versionOf(document);
  return {
    version,
    slug: slugOf(document),
    name: document.string("name"),
    date: document.string("date"),
    type: typeOf(document),
    compressed: document.boolean("compressed", true),
    protected: protectedOf(document),
    supervisorVersion: document.version("supervisor_version"),
    homeassistant: homeassistantOf(document, version),
    folders: foldersOf(document),
    addons: addonsOf(document),
    repositories: [...new Set(document.strings("repositories"))],
    extra: document.anything("extra"),
    raw,
  };
}

function versionOf(document: ObjectReader): 1 | 2 {
  const value = document.value("version") ?? 1;
  const version = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
  if (version === 1 || version === 2) return version;
  if (typeof version !== "number") throw document.fault("version", "is not a number");
  const message = `The backup has metadata version ${version}; versions 1 and 2 can be read`;
  throw new SafehouseError("unknown-version", message, { facts: { version } });
}

function slugOf(document: ObjectReader): string {
  const slug = document.string("slug");
  if (/^[0-9a-f]{8}$/.test(slug)) return slug;
  throw document.fault("slug", "is not made of 8 hexadecimal digits");
}

function typeOf(document: ObjectReader): "full" | "partial" {
  const type = document.string("type");
  if (type === "full" || type === "partial") return type;
  throw document.fault("type", 'is neither "full" nor "partial"');
}

/** Version 1 had a text or null here. */
function protectedOf(document: ObjectReader): boolean {
  const value = document.value("protected") ?? false;
  return typeof value === "boolean" ? value : true;
}

/**
 * In version 1 the configuration was a folder, and `homeassistant` held settings whether or not it was
 * included.
 */
function homeassistantOf(document: ObjectReader, version: 1 | 2): BackupMetadata["homeassistant"] {
  const value = document.object("homeassistant");
  const release = value?.version("version");
  const hasFolders = (document.value("folders") ?? undefined) !== undefined;
  const included =
    version === 1 && hasFolders
      ? document.strings("folders").includes("homeassistant")
      : release !== undefined;
  if (!included) return undefined;
  return { version: release, excludeDatabase: value?.boolean("exclude_database", false) ?? false };
}

function foldersOf(document: ObjectReader): readonly FolderName[] {
  const folders = new Set<FolderName>();
  for (const name of document.strings("folders")) {
    if (name !== "homeassistant") folders.add(folderOf(document, name));
  }
  return [...folders];
}

function folderOf(document: ObjectReader, name: string): FolderName {
  const wanted = name === "apps/local" ? "addons/local" : name;
  const folder = folderNames.find((candidate) => candidate === wanted);
  if (folder !== undefined) return folder;
  throw document.fault("folders", `has the unknown folder ${JSON.stringify(name.slice(0, 100))}`);
}

function addonsOf(document: ObjectReader): readonly BackupAddon[] {
  const addons = document.objects("addons").map(addonOf);
  const slugs = new Set(addons.map(({ slug }) => slug));
  if (slugs.size < addons.length) throw document.fault("addons", "names an add-on twice");
  return addons;
}

function addonOf(addon: ObjectReader): BackupAddon {
  const slug = addon.string("slug");
  if (!/^[-_.A-Za-z0-9]+$/.test(slug) || slug === "." || slug === "..") {
    throw addon.fault("slug", "is not the slug of an add-on");
  }
  const version = addon.version("version");
  if (version === undefined) throw addon.fault("version", "is missing");
  return { slug, name: addon.string("name"), version, size: sizeOf(addon) };
}

function sizeOf(addon: ObjectReader): number {
  const value = addon.value("size") ?? 0;
  const size = typeof value === "string" ? Number(value) : value;
  if (typeof size === "number" && Number.isFinite(size) && size >= 0) return size;
  throw addon.fault("size", "is not a size");
}
