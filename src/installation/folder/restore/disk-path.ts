import { lstatSync, mkdirSync, readdirSync } from "node:fs";
import type { Stats } from "node:fs";
import { decodePath, encodePath } from "#core/model/path-bytes.ts";

/** A path as the file system takes it: bytes where the name is no UTF-8. */
export type DiskPath = string | Buffer;

/** The place of an entry. @param path below `base`, as `Entry.path`; `""` is `base` itself */
export function onDisk(base: string, path: string): DiskPath {
  return diskText(path === "" ? base : `${base}/${path}`);
}

/** A name or link target with its escaped bytes put back. */
export function diskText(text: string): DiskPath {
  return text.isWellFormed() ? text : Buffer.from(encodePath(text));
}

/** Names in a directory, sorted by code units. */
export function namesIn(directory: DiskPath): string[] {
  const names = readdirSync(directory);
  const exact = names.some((name) => name.includes("\ufffd"))
    ? readdirSync(directory, { encoding: "buffer" }).map((name) => decodePath(name))
    : names;
  return exact.sort();
}

/** Facts of an entry, links not followed; undefined if there is none. */
export function factsOf(path: DiskPath): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (hasCode(error, "ENOTDIR")) return undefined;
    throw error;
  }
}

export function makeParent(base: string, path: string): void {
  const parent = parentOf(path);
  mkdirSync(onDisk(base, parent ?? ""), { recursive: true, mode: 0o700 });
}

/** The path of the folder that holds an entry; undefined for the base itself. */
export function parentOf(path: string): string | undefined {
  if (path === "") return undefined;
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

export function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** True for errors of the system with one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
