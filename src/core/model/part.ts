/** The four folders that a backup can hold, in the order in which a full backup writes them. */
export const folderNames = ["share", "addons/local", "ssl", "media"] as const;
export type FolderName = (typeof folderNames)[number];

/** A piece of a home that can be chosen, backed up and restored by itself. */
export type Part =
  | { readonly kind: "homeassistant" }
  | { readonly kind: "addon"; readonly slug: string }
  | { readonly kind: "folder"; readonly name: FolderName }
  /** Network mounts and registries of a Supervisor; never written by us. */
  | { readonly kind: "supervisor" };

/** Name of a part for people and for `--json`: `homeassistant`, an add-on's slug, a folder's name. */
export function partName(part: Part): string {
  switch (part.kind) {
    case "homeassistant":
      return "homeassistant";
    case "addon":
      return part.slug;
    case "folder":
      return part.name;
    case "supervisor":
      return "supervisor";
  }
}

/** Base name of a part's inner archive, without `.tar` or `.tar.gz` (docs/format.md, section 2). */
export function innerArchiveName(part: Part): string {
  return partName(part).replaceAll("/", "_");
}

/**
 * The part that an inner archive's base name stands for. Add-ons share one name space with the
 * folders, so this is right only for names that `backup.json` does not list as an add-on.
 */
export function partOfInnerArchive(name: string): Part {
  if (name === "homeassistant" || name === "supervisor") return { kind: name };
  if (name === "apps_local") return { kind: "folder", name: "addons/local" };
  const folder = folderNames.find((candidate) => candidate.replaceAll("/", "_") === name);
  return folder === undefined ? { kind: "addon", slug: name } : { kind: "folder", name: folder };
}
