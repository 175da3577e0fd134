import { readFileSync, realpathSync } from "node:fs";
import { decodePath } from "#core/model/path-bytes.ts";

/**
 * Paths below `root` on which something is mounted, relative to it. A bind mount of the same file system
 * has the same device number, so comparing those is not enough.
 */
export function mountPointsBelow(root: string): ReadonlySet<string> {
  const above = `${decodePath(Buffer.from(realpathSync.native(root)))}/`;
  const found = parseMountInfo(readFileSync("/proc/self/mountinfo"));
  return new Set(
    found.filter((point) => point.startsWith(above)).map((point) => point.slice(above.length)),
  );
}

/** Mount points of `/proc/self/mountinfo`: the fifth column, with blanks and the like as `\040`. */
export function parseMountInfo(bytes: Uint8Array): string[] {
  const points: string[] = [];
  for (const line of Buffer.from(bytes).toString("latin1").split("\n")) {
    const column = line.split(" ")[4];
    if (column === undefined) continue;
    const raw = column.replaceAll(/\\([0-7]{3})/gu, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    points.push(decodePath(Buffer.from(raw, "latin1")));
  }
  return points;
}
