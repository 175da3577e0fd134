import { folderNames, partName, type FolderName, type Part } from "../model/part.ts";
import { SafehouseError } from "../model/problem.ts";

/** What a person asked for. Nothing chosen means everything there is. */
export interface SelectionRequest {
  readonly homeassistant?: boolean;
  readonly excludeDatabase: boolean;
  readonly folders: readonly string[];
  /** Slugs; `ALL` for every one. */
  readonly addons: readonly string[];
}

/** Parts that a run is about, in the order of a full backup. */
export interface ResolvedSelection {
  readonly full: boolean;
  readonly parts: readonly Part[];
  readonly database: boolean;
}

/**
 * Chooses among the parts that exist. Rejects a folder or add-on that is not there with `not-found`, and a
 * request for nothing with `usage`.
 * @param where for messages: "this home", "this backup"
 */
export function resolveSelection(
  request: SelectionRequest,
  available: readonly Part[],
  where: string,
): ResolvedSelection {
  const folders = request.folders.map(parseFolder);
  const full =
    request.homeassistant === undefined && folders.length === 0 && request.addons.length === 0;
  const wanted = full ? available.map(partName) : wantedNames(request, folders, available);
  for (const name of wanted) {
    if (available.some((part) => partName(part) === name)) continue;
    const names = available.map(partName).join(", ");
    throw new SafehouseError("not-found", `There is no ${name} in ${where}`, {
      advice: `It has ${names}`,
    });
  }
  const parts = sortParts(available.filter((part) => wanted.includes(partName(part))));
  if (parts.length === 0) throw new SafehouseError("usage", `Nothing of ${where} was chosen`);
  return { full, parts, database: !request.excludeDatabase };
}

function wantedNames(
  request: SelectionRequest,
  folders: readonly FolderName[],
  available: readonly Part[],
): readonly string[] {
  const all = available.flatMap((part) => (part.kind === "addon" ? [part.slug] : []));
  const addons = request.addons.includes("ALL") ? all : request.addons;
  return [...(request.homeassistant === true ? ["homeassistant"] : []), ...folders, ...addons];
}

/** `apps/local` is what newer Supervisors call `addons/local`. */
function parseFolder(text: string): FolderName {
  const name = text === "apps/local" || text === "addons" ? "addons/local" : text;
  const known = folderNames.find((folder) => folder === name);
  if (known !== undefined) return known;
  throw new SafehouseError("usage", `${text} is no folder of a backup`, {
    advice: `Choose among ${folderNames.join(", ")}`,
  });
}

function sortParts(parts: readonly Part[]): Part[] {
  const order = { homeassistant: 0, addon: 1, folder: 2, supervisor: 3 };
  return parts.toSorted((a, b) => {
    const folders = a.kind === "folder" && b.kind === "folder";
    return folders
      ? folderNames.indexOf(a.name) - folderNames.indexOf(b.name)
      : order[a.kind] - order[b.kind];
  });
}
