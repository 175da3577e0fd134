import { checkKey } from "../key.ts";
import { isTemporaryName } from "./temporary-name.ts";

/** Path of an object. Throws a `RangeError` for keys that cannot be, and for names of unfinished objects. */
export function pathOfKey(root: string, key: string): string {
  checkKey(key);
  if (key.split("/").some(isTemporaryName)) {
    throw new RangeError(`"${key}" is a name for unfinished objects`);
  }
  return below(root, key);
}

export function below(folder: string, name: string): string {
  return folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}

/** The folders that lead from the root to an object: for `a/b/c` those of `a` and `a/b`. */
export function foldersOf(root: string, key: string): readonly string[] {
  const names = key.split("/").slice(0, -1);
  return names.map((_, index) => below(root, names.slice(0, index + 1).join("/")));
}

/** The folder that a path lies in. */
export function parentOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end === 0 ? "/" : path.slice(0, end);
}
