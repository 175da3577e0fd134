import type { FileEntryWithStats, Stats } from "ssh2";
import type { StoredObject } from "../provider.ts";

/** What the server says of a file. Its times are whole seconds; the size helps to tell versions apart. */
export function storedObject(
  key: string,
  { size, mtime }: Pick<Stats, "size" | "mtime">,
): StoredObject {
  return { key, size, modifiedAt: mtime * 1000, version: `${size}-${mtime}` };
}

/**
 * Whether it is a regular file. Some servers give no type with the permissions; then the first letter of the line that
 * is meant for people tells (draft-ietf-secsh-filexfer-02, 7), and where there is none either, nothing else is known.
 */
export function isRegularFile(attributes: Partial<Stats>, longname = ""): boolean {
  const type = (attributes.mode ?? 0) & typeBits;
  if (type !== 0) return type === regularType;
  return longname === "" || longname.startsWith("-");
}

export function isRegularEntry({ attrs, longname }: FileEntryWithStats): boolean {
  return isRegularFile(attrs, longname);
}

const typeBits = 0o170_000;
const regularType = 0o100_000;
