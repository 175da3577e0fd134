import { readFile } from "node:fs/promises";
import { SafehouseError } from "#core/model/problem.ts";
import type { AccessTools } from "./access-tools.ts";
import { isPassword } from "./password-hash.ts";
import { storedPassword } from "./stored-password.ts";

/**
 * The password that the environment gives to a server: `SAFEHOUSE_ACCESS_PASSWORD`, or the first line of the file that
 * `SAFEHOUSE_ACCESS_PASSWORD_FILE` names. Undefined if there is none. Rejects with `usage` if both are there or the
 * file is empty, and with `not-found` or `denied` for a file that cannot be read.
 */
export async function environmentPassword(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const { SAFEHOUSE_ACCESS_PASSWORD: password = "", SAFEHOUSE_ACCESS_PASSWORD_FILE: path = "" } =
    env;
  if (password !== "" && path !== "")
    throw new SafehouseError(
      "usage",
      "There are both SAFEHOUSE_ACCESS_PASSWORD and SAFEHOUSE_ACCESS_PASSWORD_FILE",
      {
        advice: "Keep one of them",
      },
    );
  if (path === "") return password === "" ? undefined : password;
  const [line = ""] = (await readTextFile(path)).split(/\r?\n/u);
  if (line !== "") return line;
  throw new SafehouseError("usage", `The password file ${path} is empty`, { subject: path });
}

/**
 * Makes the password of the environment count instead of the one that was set, from now on; without one the
 * latter counts again. When it is another than at the last start, all sessions end. Rejects with `usage` for
 * one that is too short.
 */
export async function adoptEnvironmentPassword(
  { store, clock }: Pick<AccessTools, "store" | "clock">,
  password: string | undefined,
): Promise<void> {
  const known = (await store.read()).environmentPassword;
  if (password === undefined) {
    if (known === undefined) return;
    await store.change((record) => ({ ...record, environmentPassword: undefined, sessions: [] }));
    return;
  }
  if (known !== undefined && (await isPassword(password, known.hash))) return;
  const environment = await storedPassword(password, clock.now());
  await store.change((record) => ({
    ...record,
    environmentPassword: environment,
    setUp: undefined,
    sessions: [],
  }));
}

async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown error";
    const message = `The password file ${path} cannot be read (${code})`;
    const problem = code === "ENOENT" ? "not-found" : "denied";
    throw new SafehouseError(problem, message, { subject: path, cause });
  }
}
