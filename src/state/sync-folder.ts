import { closeSync, fsyncSync, openSync } from "node:fs";

/** Flushes the names in a folder. */
export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
