import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
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

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(context: Pick<TestContext, "after">): Promise<RcloneBench> {
    const bench = new RcloneBench(await mkdtemp(join(tmpdir(), "safehouse-rclone-test-")));
    context.after(() => bench.#end());
    return bench;
  }

  /** A new folder below the bench's. */
  async newFolder(name: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Writes a configuration; values that rclone keeps obscured are given by `obscured`. Its path. */
  async config(
    remotes: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): Promise<string> {
    const sections = Object.entries(remotes).map(([name, options]) =>
      [`[${name}]`, ...Object.entries(options).map(([key, value]) => `${key} = ${value}`), ""].join(
        "\n",
      ),
    );
    const path = join(this.folder, `rclone ${this.#children.length}-${Math.random()}.conf`);
    await writeFile(path, sections.join("\n"));
    return path;
  }

  /**
   * Serves a folder with `rclone serve` at a free port of this machine.
   * @param kind such as `webdav`
   */
  async serve(kind: string, folder: string, ...options: string[]): Promise<RunningServer> {
    const args = ["serve", kind, folder, "--addr", "127.0.0.1:0", "--config", "/dev/null", "-v"];
    const child = spawn("rclone", [...args, ...options], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#children.push(child);
    const port = await portIn(child);
    return { port, child };
  }

  async #end(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "close");
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

export interface RunningServer {
  readonly port: number;
  readonly child: ChildProcess;
}

/** What rclone writes for a password in its configuration. */
export async function obscured(password: string): Promise<string> {
  const { stdout } = await run("rclone", ["obscure", "--", password]);
  return stdout.trim();
}

/** Its log is read on, lest it ends from writing into a closed pipe. */
async function portIn(child: ChildProcess): Promise<number> {
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.stderr?.on("data", (chunk) => {
    said += String(chunk);
    const port = /127\.0\.0\.1:([1-9]\d*)/.exec(said)?.[1];
    if (port !== undefined) resolve(Number(port));
  });
  child.once("close", () => reject(new Error(`rclone does not serve: ${said}`)));
  return promise;
}
