import type { Stats } from "node:fs";
import type { StoredObject } from "../provider.ts";

/**
 * What a file says of itself. A file that was replaced or changed has another size, time or inode;
 * the time is in milliseconds with a fraction that tells a quarter of a microsecond apart.
 */
export function storedObject(key: string, stats: Stats): StoredObject {
  const { size, mtimeMs, ino } = stats;
  return { key, size, modifiedAt: mtimeMs, version: `${size}-${mtimeMs}-${ino}` };
}
