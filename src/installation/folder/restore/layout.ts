import type { EntryProblem } from "#core/model/part-event.ts";
import type { PartToRestore } from "../../installation.ts";

/** What becomes of an entry, decided by its name alone. */
export type Placement =
  | { readonly kind: "stage"; readonly path: string }
  /** Kept aside in memory: a small description. */
  | { readonly kind: "remember" }
  | { readonly kind: "skip" }
  | {
      readonly kind: "note";
      readonly subject: string;
      readonly problem: EntryProblem;
      readonly message: string;
    };

export interface Layout {
  /** @param path clean: no empty name, no `.` or `..`; `""` is the root */
  place(path: string): Placement;
  /** Where a staged path will lie below the target. */
  below(path: string): string;
}

/** The layout of a part's inner archive (docs/format.md, section 6). @param mounts below the target */
export function layoutOf(part: PartToRestore, mounts: readonly string[]): Layout {
  switch (part.part.kind) {
    case "homeassistant":
      return { place: configLayout(part.database, mounts), below: belowConfig };
    case "addon":
      return { place: (path) => placeInAddon(path, mounts), below: asItIs };
    case "folder":
    case "supervisor":
      return { place: (path) => placeBesideMounts(path, path, mounts), below: asItIs };
  }
}

/**
 * Both layouts are staged as they come, `data/…` of version 2 and the bare folder of version 1; which of
 * them it is shows only at the end. What surely belongs to neither is left out at once.
 */
function configLayout(database: boolean, mounts: readonly string[]): Layout["place"] {
  return (path) => {
    if (path === "homeassistant.json") return { kind: "skip" };
    if (!database && /^(?:data\/)?home-assistant_v.\.db(?:-wal|-shm|-journal)?$/u.test(path))
      return { kind: "skip" };
    return placeBesideMounts(path, belowConfig(path), mounts);
  };
}

const asItIs = (path: string): string => path;

function belowConfig(path: string): string {
  return path.startsWith("data/") ? path.slice("data/".length) : path;
}

function placeInAddon(path: string, mounts: readonly string[]): Placement {
  if (path === "") return { kind: "skip" };
  if (path === "addon.json") return { kind: "remember" };
  if (path === "data") return { kind: "stage", path: "" };
  if (path.startsWith("data/")) return placeBesideMounts(path.slice(5), path.slice(5), mounts);
  return noHome(path.split("/")[0] ?? path);
}

export function noHome(subject: string): Placement & { kind: "note" } {
  return {
    kind: "note",
    subject,
    problem: "no-home",
    message: `This home has no place for ${subject}, so it was not restored`,
  };
}

function placeBesideMounts(path: string, below: string, mounts: readonly string[]): Placement {
  const mount = mounts.find(
    (candidate) => below === candidate || below.startsWith(`${candidate}/`),
  );
  if (mount === undefined) return { kind: "stage", path };
  return {
    kind: "note",
    subject: mount,
    problem: "mount",
    message: `Something else is mounted at ${mount}; it was left as it is, and nothing was restored below it`,
  };
}
