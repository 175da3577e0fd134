import { readFileSync } from "node:fs";
import { join } from "node:path";
import { literal, number, object, optional, safeParse, string } from "valibot";
import { SafehouseError } from "#core/model/problem.ts";
import type { RunningServer } from "#operations/services.ts";
import { processes } from "./processes.ts";

const record = object({
  version: literal(1),
  url: string(),
  token: string(),
  pid: number(),
  start: optional(string()),
  boot: optional(string()),
  space: optional(string()),
});

/**
 * The server that `server.json` in a data directory names. Undefined without the file, with one that cannot be
 * understood, and with that of a process which is dead. Throws `denied` for a file of somebody else.
 */
export function readRunningServer(dataDirectory: string): RunningServer | undefined {
  const text = readIfThere(join(dataDirectory, "server.json"));
  const read = safeParse(record, text === undefined ? undefined : jsonOf(text));
  if (!read.success) return undefined;
  const { url, token, pid, start, boot, space } = read.output;
  return processes.lifeOf({ pid, start, boot, space }) === "dead" ? undefined : { url, token };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new SafehouseError("denied", `${path} cannot be read (${String(code)})`, {
      advice: "Run this as the user who runs the server, or leave the server out with --embedded",
      cause,
    });
  }
}

/** The file is replaced as a whole, so what is no JSON was not written by a server. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
