import { createHash } from "node:crypto";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { SafehouseError } from "#core/model/problem.ts";
import { runProgram } from "#storage/start-program.ts";
import { sambaConfig, sambaUsers } from "./samba-config.ts";

export interface SambaFolderOptions {
  readonly dataDirectory: string;
  /** Absolute path of the backups; any characters. */
  readonly shared: string;
  readonly port: number;
  readonly address: string | undefined;
  readonly password: string;
  /** Path of Samba's program that keeps its users. */
  readonly pdbedit: string;
  readonly signal: AbortSignal;
}

/** Everything that one run of Samba needs, for its owner alone; it is gone when it is disposed. */
export interface SambaFolder extends AsyncDisposable {
  /** Path of its settings. */
  readonly config: string;
}

/**
 * Makes it anew, in place of what a server that died has left. Its path is short, for sockets, and plain, for Samba would
 * take `%` in a path for something else; the backups are reached through a link in it.
 */
export async function sambaFolder(options: SambaFolderOptions): Promise<SambaFolder> {
  const { dataDirectory, shared, port, address, signal } = options;
  const name = createHash("sha256").update(dataDirectory).digest("hex").slice(0, 12);
  const folder = join(tmpdir(), `safehouse-samba-${name}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { mode: 0o700 });
  try {
    for (const part of ["private", "lock", "state", "cache", "pid", "ncalrpc"])
      await mkdir(join(folder, part), { mode: 0o700 });
    await symlink(shared, join(folder, "shared"));
    const config = join(folder, "smb.conf");
    const link = join(folder, "shared");
    await writeFile(config, sambaConfig({ folder, shared: link, port, address }));
    const user = systemUser();
    await writeFile(join(folder, "users.map"), sambaUsers(user));
    await addUser(user, config, { ...options, signal });
    return {
      config,
      [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Samba knows only users that the machine has, so it is the one that this program runs as. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    const uid = process.getuid?.() ?? 0;
    throw new SafehouseError(
      "unsupported",
      `The user ${uid} that Safehouse runs as has no name here`,
      {
        advice: "Run Safehouse as a user of this machine, to share the backups by Samba",
        cause,
      },
    );
  }
}

async function addUser(
  user: string,
  config: string,
  { pdbedit, password, signal }: Pick<SambaFolderOptions, "pdbedit" | "password" | "signal">,
): Promise<void> {
  const args = ["-s", config, "-t", "-a", "-u", user];
  const input = `${password}\n${password}\n`;
  const { code, errors } = await runProgram({ program: pdbedit, args, input, signal });
  if (code === 0) return;
  throw new SafehouseError(
    "command-failed",
    `Samba did not take the password: ${lastLine(errors)}`,
  );
}

/** What a program said at last. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.trim() ?? "";
}
