import { randomBytes } from "node:crypto";

/**
 * Names of unfinished objects: `.safehouse-<random>-smb.tmp`, which its writer keeps open until it is done with it, and
 * `.safehouse-<random>-part.tmp`, which waits for somebody who goes on with it.
 */
export function temporaryName(kind: "smb" | "part"): string {
  return `.safehouse-${randomBytes(6).toString("hex")}-${kind}.tmp`;
}

/** What a name of an unfinished object says, also of those that others left who have the share mounted. */
export function kindOfTemporaryName(name: string): "smb" | "part" | "other" | undefined {
  const kind = /^\.safehouse-[0-9a-f]{12}-([0-9a-z-]{1,120})\.tmp$/u.exec(name)?.[1];
  return kind === undefined || kind === "smb" || kind === "part" ? kind : "other";
}
