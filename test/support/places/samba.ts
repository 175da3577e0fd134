import { execFile, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Where Debian has them; `sbin` is not on the path of everybody. */
const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };

/** For `skip`: why there can be no server here, or false. */
export const noSamba: false | `absent: ${string}` =
  spawnSync("smbd", ["--version"], { env }).status === 0 ? false : "absent: smbd";

/** The account that every server knows; its name has to be one of this machine. */
export const sambaUser = {
  user: userInfo().username,
  password: `Zaun könig "$%#\\' 🏠`,
} as const;

/** Memory where there is such a folder: a disk that others keep busy makes every flush slow. */
const quickFolder = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

interface SambaOptions {
  /** Lines for the whole server, such as `server max protocol = SMB2_10`. */
  readonly global?: readonly string[];
  /** Lines for the share `data`. */
  readonly share?: readonly string[];
  /** Further shares: their names, and their lines. */
  readonly shares?: Readonly<Record<string, readonly string[]>>;
  /** Puts the share on a file system of so many megabytes, which only the server sees. Needs `mayMount`. */
  readonly megabytes?: number;
  /** For what is too much for memory. */
  readonly onDisk?: boolean;
}

/** Whether this machine lets us mount. */
export const mayMount = spawnSync("unshare", ["--mount", "true"]).status === 0;

/** Samba with a configuration, accounts and files of its own, on a port of its own. */
export class SambaServer {
  readonly host = "127.0.0.1";
  readonly folder: string;
  /** What the share `data` shows. */
  readonly data: string;
  port = 0;
  #process: ReturnType<typeof spawn> | undefined;
  #said = "";
  readonly #config: string;

  readonly #megabytes: number | undefined;

  private constructor({ megabytes, onDisk }: SambaOptions) {
    this.#megabytes = megabytes;
    const place = onDisk === true ? tmpdir() : quickFolder;
    this.folder = mkdtempSync(join(place, "safehouse-samba-"));
    this.data = join(this.folder, "data");
    this.#config = join(this.folder, "smb.conf");
  }

  /** Starts one; `end` belongs into an `after`. */
  static async start(options: SambaOptions = {}): Promise<SambaServer> {
    const server = new SambaServer(options);
    try {
      server.port = await freePort();
      server.#configure(options);
      await server.addUser(sambaUser.user, sambaUser.password);
      await server.begin();
      return server;
    } catch (error) {
      await server.end();
      throw error;
    }
  }

  /** What the server has said so far. */
  get said(): string {
    return this.#said;
  }

  /** Settings of the share `data`, signed in. */
  get settings() {
    return { host: this.host, port: this.port, share: "data", ...sambaUser };
  }

  /** Also after `stop`, on the same port. */
  async begin(): Promise<void> {
    const args = ["-s", this.#config, "--foreground", "--no-process-group", "--debug-stdout"];
    const mount = `mount --make-rprivate / && mount -t tmpfs -o size=${this.#megabytes}m none "$0" && exec smbd "$@"`;
    const order: readonly [string, ...string[]] =
      this.#megabytes === undefined
        ? ["smbd", ...args]
        : ["unshare", "--mount", "sh", "-c", mount, this.data, ...args];
    const [program, ...rest] = order;
    const child = spawn(program, rest, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    child.stdout.on("data", (said: Buffer) => (this.#said += said.toString()));
    child.stderr.on("data", (said: Buffer) => (this.#said += said.toString()));
    this.#process = child;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`smbd has ended: ${this.#said}`);
      if (await this.#answers()) return;
      await pause(20);
    }
  }

  /** Ends the server and all that serve its clients, as a power cut would. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return;
    this.#process = undefined;
    const ended = once(child, "exit");
    process.kill(-child.pid, "SIGKILL");
    await ended;
    this.#endHelper();
  }

  /** What tells the names of shares runs on its own, in a group of its own. */
  #endHelper(): void {
    const file = join(this.folder, "state", "samba-dcerpcd.pid");
    if (!existsSync(file)) return;
    try {
      process.kill(Number(readFileSync(file, "utf8")), "SIGTERM");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs one command of Samba's own client in the share, signed in. */
  async client(...commands: readonly string[]): Promise<string> {
    const file = join(this.folder, "auth");
    const { user, password } = sambaUser;
    writeFileSync(file, `username = ${user}\npassword = ${password}\n`, { mode: 0o600 });
    const args = ["-s", this.#config, "-A", file, "-p", String(this.port)];
    const { stdout } = await run(
      "smbclient",
      [...args, `//${this.host}/data`, "-c", commands.join("; ")],
      { env },
    );
    return stdout;
  }

  #configure({ global = [], share = [], shares = {} }: SambaOptions): void {
    const state = join(this.folder, "state");
    for (const folder of [this.data, state]) mkdirSync(folder);
    const lines = (name: string, values: readonly string[]): string =>
      [`[${name}]`, ...values, ""].join("\n");
    const text = [
      lines("global", [
        "server role = standalone server",
        `smb ports = ${this.port}`,
        "interfaces = 127.0.0.1",
        "bind interfaces only = yes",
        ...["private", "lock", "state", "cache", "pid"].map((of) => `${of} directory = ${state}`),
        `ncalrpc dir = ${state}/ncalrpc`,
        `passdb backend = tdbsam:${state}/passdb.tdb`,
        "load printers = no",
        "disable spoolss = yes",
        "log level = 1",
        ...global,
      ]),
      lines("data", [`path = ${this.data}`, "read only = no", ...share]),
      ...Object.entries(shares).map(([name, values]) => lines(name, values)),
    ].join("\n");
    writeFileSync(this.#config, text.replaceAll("private directory", "private dir"));
  }

  async addUser(user: string, password: string): Promise<void> {
    const adding = run("pdbedit", ["-s", this.#config, "-a", "-t", "-u", user], { env });
    adding.child.stdin?.end(`${password}\n${password}\n`);
    await adding;
  }

  /** Changes accounts: arguments of `pdbedit`. */
  async accounts(...args: readonly string[]): Promise<void> {
    await run("pdbedit", ["-s", this.#config, ...args], { env });
  }

  async #answers(): Promise<boolean> {
    const socket = connect(this.port, this.host);
    try {
      await once(socket, "connect");
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }
}

/** A folder below the share that nothing else uses. */
export function freshFolder(server: SambaServer): string {
  const name = `test ${randomBytes(6).toString("hex")}`;
  mkdirSync(join(server.data, name));
  return name;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
