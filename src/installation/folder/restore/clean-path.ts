/**
 * The path of an entry without `.` and doubled slashes; `""` is the root of the part. Undefined if it is
 * absolute, goes up, is empty or holds what no name can: such an entry is not written.
 */
export function cleanPath(path: string): string | undefined {
  if (path === "" || path.startsWith("/") || path.includes("\0") || hasStrangeSurrogates(path))
    return undefined;
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  return names.includes("..") ? undefined : names.join("/");
}

/** True for names that would land in a folder of ours. */
export function isOurs(path: string): boolean {
  return path.split("/").includes(".safehouse");
}

/** Where a symbolic link points, seen from the root of its part; undefined if that is outside of it. */
export function linkInside(path: string, target: string): string | undefined {
  if (target.startsWith("/")) return undefined;
  const names = path.split("/").slice(0, -1);
  for (const name of target.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names.join("/");
}

/** Surrogates that stand for no byte cannot be told apart once they are on a disk. */
function hasStrangeSurrogates(path: string): boolean {
  return !path.isWellFormed() && !path.replaceAll(/[\udc80-\udcff]/gu, "").isWellFormed();
}
