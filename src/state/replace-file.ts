import { renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { asStateError } from "./state-error.ts";
import { syncFolder } from "./sync-folder.ts";
import { writeDurably } from "./write-durably.ts";

/**
 * Replaces a file whole, or not at all, for its owner alone; it survives a power cut. Throws `denied`, `read-only`
 * and `no-space`.
 */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  // Of an earlier process with our number; the mode counts only for a file that is created.
  rmSync(temporary, { force: true });
  try {
    writeDurably(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    // What it holds may be secret, and is of no use to anybody.
    rmSync(temporary, { force: true });
    throw asStateError(error, path);
  }
  syncFolder(dirname(path));
}
