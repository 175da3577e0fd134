import { readFileSync } from "node:fs";
import { decodePath } from "#core/model/path-bytes.ts";
import { hasCode } from "./disk-path.ts";

/** Paths below a directory on which something is mounted, relative to it. @param directory a real path */
export function mountsBelow(directory: string): string[] {
  const prefix = directory === "/" ? "/" : `${directory}/`;
  return [...new Set(mountPoints().filter((path) => path.startsWith(prefix)))].map((path) =>
    path.slice(prefix.length),
  );
}

function mountPoints(): string[] {
  try {
    const lines = readFileSync("/proc/self/mountinfo", "latin1").split("\n");
    return lines.map((line) => unescaped(line.split(" ")[4] ?? "")).filter((path) => path !== "");
  } catch (error) {
    // Systems without /proc: a nested mount then shows when its rename fails, and the swap rolls back.
    if (hasCode(error, "ENOENT", "EACCES")) return [];
    throw error;
  }
}

/** The kernel writes blanks, tabs, line ends and backslashes as three octal digits. */
function unescaped(field: string): string {
  const bytes = field.replaceAll(/\\([0-7]{3})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return decodePath(Buffer.from(bytes, "latin1"));
}
