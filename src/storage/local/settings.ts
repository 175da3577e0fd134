import { mkdir } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import { translating } from "./errors.ts";

export interface LocalSettings {
  /** Absolute path of the folder. */
  readonly path: string;
  /** Bytes of the file system that are left free. */
  readonly reserveBytes: number;
  /**
   * Permission bits of new objects. Archives hold every secret of a home, so by default nobody but
   * the owner reads them.
   */
  readonly fileMode: number;
}

/** Checks settings as they were stored. Only `path` is needed. Throws `usage`. */
export function parseLocalSettings(stored: unknown): LocalSettings {
  const given = typeof stored === "object" && stored !== null ? stored : {};
  const path = "path" in given ? given.path : undefined;
  const reserveBytes = "reserveBytes" in given ? given.reserveBytes : 256 * 1024 * 1024;
  const fileMode = "fileMode" in given ? given.fileMode : 0o600;
  if (typeof path !== "string" || !isAbsolute(path)) {
    throw new SafehouseError("usage", "A folder location needs an absolute path");
  }
  if (!isWholeNumber(reserveBytes, Number.MAX_SAFE_INTEGER)) {
    throw new SafehouseError("usage", "The reserve of free space must be a number of bytes");
  }
  if (!isWholeNumber(fileMode, 0o777)) {
    throw new SafehouseError("usage", "The file mode must lie between 0 and 0o777");
  }
  return { path, reserveBytes, fileMode };
}

/** At set-up: creates the folder of a location if it is missing. */
export async function createLocalFolder(path: string): Promise<void> {
  await translating(path, () => mkdir(path, { recursive: true, mode: 0o700 }));
}

function isWholeNumber(value: unknown, largest: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= largest;
}
