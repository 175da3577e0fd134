import type { Part } from "#core/model/part.ts";
import type { HomePaths } from "../home-paths.ts";

/** The folder that a part is restored to; undefined if this home has none for it. */
export function targetFolder(paths: HomePaths, part: Part): string | undefined {
  switch (part.kind) {
    case "homeassistant":
      return paths.config;
    case "addon":
      return paths.addonData && isSlug(part.slug) ? `${paths.addonData}/${part.slug}` : undefined;
    case "folder":
      return folderOf(paths, part.name);
    case "supervisor":
      return undefined;
  }
}

/** Where the add-ons' own descriptions are remembered, as `<slug>.json`. */
export function addonRecords(paths: HomePaths): string {
  return `${paths.dataDir}/addons`;
}

/** A slug comes from an archive and becomes a folder's name. */
function isSlug(slug: string): boolean {
  return /^[-_A-Za-z0-9][-_.A-Za-z0-9]*$/u.test(slug);
}

function folderOf(
  paths: HomePaths,
  name: Extract<Part, { kind: "folder" }>["name"],
): string | undefined {
  switch (name) {
    case "share":
      return paths.share;
    case "ssl":
      return paths.ssl;
    case "media":
      return paths.media;
    case "addons/local":
      return paths.addonsLocal;
  }
}
