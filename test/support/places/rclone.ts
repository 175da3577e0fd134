import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** `absent: rclone`, in the words that a skip needs; false where it is installed. */
export async function absentRclone(): Promise<`absent: ${string}` | false> {
  try {
    await run("rclone", ["version"]);
    return false;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return "absent: rclone";
    }
    throw error;
  }
}

/** An rclone configuration of its own in a temporary folder, and servers of rclone. */
export class RcloneBench {
  /** Absolute path of a folder that is empty at first. */
  readonly folder: string;
  readonly #children: ChildProcess[] = [];
  #names = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<RcloneBench> {
    return new RcloneBench(await mkdtemp(join(tmpdir(), "safehouse-rclone-test-")));
  }

  /** A new folder below the bench's. */
  async newFolder(name = "place"): Promise<string> {
    this.#names += 1;
    const path = join(this.folder, `${name} ${this.#names}`);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Writes a configuration of remotes with their options. Its path. */
  async config(
    remotes: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): Promise<string> {
    const sections = Object.entries(remotes).map(([name, options]) =>
      [`[${name}]`, ...Object.entries(options).map(([key, value]) => `${key} = ${value}`), ""].join(
        "\n",
      ),
    );
    return this.file(sections.join("\n"));
  }

  /** Writes a file; its path. */
  async file(content: string): Promise<string> {
    this.#names += 1;
    const path = join(this.folder, `ü rclone ${this.#names}.conf`);
    await writeFile(path, content);
    return path;
  }

  /**
   * Serves a folder with `rclone serve` on this machine, for the user `me`.
   * @param kind such as `webdav`
   * @param options its port, a free one without; whether nobody may write
   */
  async serve(
    kind: string,
    folder: string,
    { port = 0, readOnly = false }: { readonly port?: number; readonly readOnly?: boolean } = {},
  ): Promise<RunningServer> {
    const place = ["serve", kind, folder, "--addr", `127.0.0.1:${port}`, "--config", "/dev/null"];
    const rights = readOnly ? ["--read-only"] : [];
    const user = ["--user", "me", "--pass", servedPassword];
    const child = spawn("rclone", [...place, "-v", ...user, ...rights], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#children.push(child);
    return { port: await portIn(child), child };
  }

  async end(): Promise<void> {
    for (const child of this.#children) await killed(child);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What `serve` asks for. */
export const servedPassword = `p ä%41 "'$x #`;

export interface RunningServer {
  readonly port: number;
  readonly child: ChildProcess;
}

/** Ends a program at once. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

/** What rclone writes for a password in its configuration. */
export async function obscured(password: string): Promise<string> {
  const { stdout } = await run("rclone", ["obscure", "--", password]);
  return stdout.trim();
}

/** Processes of rclone that were started for a place: its name is in their environment alone. */
export async function daemonsFor(remote: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const [environment, command] = await Promise.all(
      ["environ", "cmdline"].map((file) => readFile(`/proc/${name}/${file}`, "utf8").catch(gone)),
    );
    if (environment?.includes(`_REMOTE=${remote}\0`) && command?.startsWith("rclone\0"))
      found.push(Number(name));
  }
  return found;
}

function gone(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (["ENOENT", "ESRCH", "EACCES"].includes(String(code))) return "";
  throw error;
}

/** Its log is read on, lest it ends from writing into a closed pipe. */
async function portIn(child: ChildProcess): Promise<number> {
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.stderr?.on("data", (chunk) => {
    said += String(chunk);
    const port = /127\.0\.0\.1:([1-9]\d*)/.exec(said)?.[1];
    if (port !== undefined && /Serv(er|ing)|listening/i.test(said)) resolve(Number(port));
  });
  child.once("close", () => reject(new Error(`rclone does not serve: ${said}`)));
  return promise;
}
