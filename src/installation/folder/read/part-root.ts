import { join } from "node:path";
import { partName } from "#core/model/part.ts";
import type { Part } from "#core/model/part.ts";
import { SafehouseError } from "#core/model/problem.ts";
import type { HomePaths } from "../home-paths.ts";

/** The directory on disk that holds a part's content; undefined if this home has no place for the part. */
export function partRoot(paths: HomePaths, part: Part): string | undefined {
  switch (part.kind) {
    case "homeassistant":
      return paths.config;
    case "addon":
      return paths.addonData === undefined || !isAddonSlug(part.slug)
        ? undefined
        : join(paths.addonData, part.slug);
    case "folder":
      return {
        share: paths.share,
        ssl: paths.ssl,
        media: paths.media,
        "addons/local": paths.addonsLocal,
      }[part.name];
    case "supervisor":
      return undefined;
  }
}

/** Names that the Supervisor accepts as a slug, but for those that the file system or Safehouse use themselves. */
export function isAddonSlug(name: string): boolean {
  return /^[-_.A-Za-z0-9]+$/u.test(name) && ![".", "..", ".safehouse"].includes(name);
}

/** The same. @throws SafehouseError `not-found` instead of undefined */
export function requirePartRoot(paths: HomePaths, part: Part): string {
  const root = partRoot(paths, part);
  if (root !== undefined) return root;
  const subject = partName(part);
  throw new SafehouseError("not-found", `This home has no place for ${subject}`, { subject });
}
