import { randomBytes } from "node:crypto";

/** Folder of the place in which unfinished objects grow; no key begins with it. */
export const unfinishedFolder = ".safehouse/unfinished/";

/** Name of the folder of one upload; of one that can go on later with `resume-` in front. */
export function uploadId(resumable: boolean): string {
  return `${resumable ? "resume-" : ""}${randomBytes(8).toString("hex")}`;
}

/** Where an object grows. */
export function unfinishedPath(id: string, key: string): string {
  return `${unfinishedFolder}${id}/${key}`;
}

export function isResumableId(id: string): boolean {
  return /^resume-[0-9a-f]{16}$/.test(id);
}

/** Throws a `RangeError` for keys in the folder of unfinished objects. */
export function checkNotUnfinished(key: string): void {
  if (!`${key}/`.startsWith(unfinishedFolder)) return;
  throw new RangeError(`"${key}" is a name for unfinished objects`);
}
