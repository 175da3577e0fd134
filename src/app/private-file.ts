import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import { replaceFile } from "#state/replace-file.ts";

/** Writes a file for its owner alone, whole or not at all. Throws `already-exists` unless `overwrite`. */
export function writePrivateFile(path: string, text: string, overwrite: boolean): void {
  const place = resolve(path);
  if (!overwrite && existsSync(place))
    throw new SafehouseError("already-exists", `${path} is there already`, { subject: path });
  try {
    replaceFile(place, text);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    if (code === undefined) throw cause;
    const problem = code === "ENOENT" ? "not-found" : "denied";
    const message = `${path} cannot be written (${code})`;
    throw new SafehouseError(code === "ENOSPC" ? "no-space" : problem, message, {
      subject: path,
      cause,
    });
  }
}
