import { leftOutByHomeAssistant } from "./sample-home.ts";
import { pictureOf } from "./tree-picture.ts";

const leftOut = new Set(leftOutByHomeAssistant);

/**
 * What a backup of a sample home promises to bring back, one line an entry. Not in it: databases, which
 * are compared by their rows; what no backup holds; folders that hold the parts; and which names were
 * one file, as a backup stores a full file for each.
 */
export function sourcePicture(home: string): string[] {
  return pictureOf(home, isLeftOut)
    .filter((line) => !/^"(addons|data)?" /.test(line))
    .map((line) => line.replace(/ = .*$/, ""))
    .map((line) => line.replace(/^("config" \S+ \S+) \S+/, "$1"));
}

function isLeftOut(path: string): boolean {
  return leftOut.has(path) || path.endsWith("/.safehouse") || /\.db(-wal|-shm)?$/.test(path);
}
