import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Replaces a file whole, or not at all, for its owner alone; it survives a power cut. */
export function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  // Of an earlier process with our number; the mode counts only for a file that is created.
  rmSync(temporary, { force: true });
  try {
    writeWhole(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    // What it holds may be secret, and is of no use to anybody.
    rmSync(temporary, { force: true });
    throw error;
  }
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function writeWhole(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
