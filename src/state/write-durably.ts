import { closeSync, fsyncSync, openSync, writeFileSync } from "node:fs";

/** Writes a new file for its owner alone and flushes it. Throws if there is one of that name. */
export function writeDurably(path: string, content: string | Uint8Array): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
