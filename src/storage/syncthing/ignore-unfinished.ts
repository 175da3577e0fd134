import { randomBytes } from "node:crypto";
import { chmod, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { StorageError } from "../errors.ts";
import { systemErrorCode } from "../system-error-code.ts";

const note = "// Safehouse: what is not finished stays here.";

/**
 * Sees to it that Syncthing carries no unfinished object away: by patterns in `.stignore` at the top of the shared
 * folder, in front of those that are there, for the first that fits counts. Syncthing reads them before each scan, whether
 * it runs now or later; they hold for this device alone. Source: docs.syncthing.net/users/ignoring.html.
 * @param top of the shared folder
 * @param place path of the location, which lies in it
 */
export async function ignoreUnfinished(top: string, place: string): Promise<void> {
  const path = join(top, ".stignore");
  try {
    const known = await readOrNothing(path);
    const missing = patternsFor(relative(top, place)).filter((line) => !linesOf(known).has(line));
    if (missing.length > 0) await replace(path, [note, ...missing, "", known].join("\n"));
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === undefined) throw cause;
    const message = `${path} cannot be written (${code}): Syncthing would carry unfinished objects away`;
    throw new StorageError(code === "EROFS" ? "read-only" : "denied", message, { cause });
  }
}

/** True if no unfinished object of a location there would be carried away. */
export async function isUnfinishedIgnored(top: string, place: string): Promise<boolean> {
  const known = linesOf(await readOrNothing(join(top, ".stignore")));
  return patternsFor(relative(top, place)).every((line) => known.has(line));
}

/** With `(?d)` a folder that a peer has removed can go although such a file is in it. */
function patternsFor(folder: string): readonly string[] {
  const begin = folder === "" ? "" : `/${folder.replaceAll(/[\\*?[\]{}]/g, String.raw`\$&`)}`;
  return ["(?d).safehouse-*.tmp", `(?d)${begin}/.safehouse/incoming`];
}

function linesOf(text: string): ReadonlySet<string> {
  return new Set(text.split("\n").map((line) => line.trim()));
}

/** Whole or not at all, and with the rights that it had: Syncthing may run as another user. */
async function replace(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(beside, text, { flag: "wx" });
    const mode = await stat(path).then((found) => found.mode & 0o777, orWhenMissing(0o644));
    await chmod(beside, mode);
    await rename(beside, path);
  } finally {
    await rm(beside, { force: true });
  }
}

async function readOrNothing(path: string): Promise<string> {
  return readFile(path, "utf8").catch(orWhenMissing(""));
}

function orWhenMissing<Value>(value: Value): (error: unknown) => Value {
  return (error) => {
    if (systemErrorCode(error) === "ENOENT") return value;
    throw error;
  };
}
