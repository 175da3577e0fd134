import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Bench, JsonValue } from "./safehouse.ts";

const launcher = fileURLToPath(new URL("../../bin/safehouse.js", import.meta.url));

/** A server that does not come or go in this time hangs, and its test fails. */
const longestInMs = 60_000;
const home = "/api/v1/homes/home";

export interface ServerOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ServerQuestion {
  readonly method?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** API token; the server's own one without it, none with `null`. */
  readonly token?: string | null;
}

export interface ServerAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: JsonValue;
}

/** A server of a bench, as users start it: a process with workers of its own. */
export class TestServer implements AsyncDisposable {
  readonly #bench: Bench;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals>;
  #said = "";
  #record = new JsonValue(undefined);

  private constructor(bench: Bench, options: ServerOptions) {
    this.#bench = bench;
    const args = ["serve", "--port", "0", ...(options.args ?? [])];
    this.#child = spawn(process.execPath, [launcher, ...args], {
      env: {
        PATH: process.env["PATH"],
        HOME: bench.folder,
        SAFEHOUSE_DATA: bench.dataDir,
        SAFEHOUSE_HOME: bench.home,
        SAFEHOUSE_LOCATION: bench.location,
        ...bench.env,
        ...options.env,
      },
      cwd: bench.folder,
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that a test can send what Ctrl-C sends.
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#said += text));
    this.#ended = once(this.#child, "close").then(
      ([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? 0,
    );
  }

  /** Starts one and waits until it listens. Rejects with what it said if it ends before. */
  static async start(bench: Bench, options: ServerOptions = {}): Promise<TestServer> {
    const server = new TestServer(bench, options);
    while (!server.#hasListened()) {
      if (server.#child.exitCode !== null) {
        await server.#ended;
        throw new Error(`The server ended with ${server.#child.exitCode}: ${server.#said}`);
      }
      await pause(20);
    }
    return server;
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("The server did not start");
    return this.#child.pid;
  }

  /** Without `/` at the end. */
  get url(): string {
    return this.#record.text("url");
  }

  /** What commands on this machine come in with. */
  get token(): string {
    return this.#record.text("token");
  }

  /** All that it has written to its standard output and error so far. */
  get said(): string {
    return this.#said;
  }

  /** Token of the set-up link that it has shown. */
  get setUpToken(): string {
    const token = /#set-up=(\S+)/.exec(this.#said)?.[1];
    if (token === undefined) throw new Error(`It shows no link: ${this.#said}`);
    return token;
  }

  async ask(path: string, question: ServerQuestion = {}): Promise<ServerAnswer> {
    const { method, json, headers = {}, token = this.token } = question;
    const response = await fetch(`${this.url}${path}`, {
      method: method ?? (json === undefined ? "GET" : "POST"),
      redirect: "manual",
      headers: {
        ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    const document = new JsonValue(isJson && text !== "" ? JSON.parse(text) : undefined);
    return { status: response.status, headers: response.headers, text, json: document };
  }

  /** The document that a path below the home answers with; it has to succeed. */
  async home(path: string, question: ServerQuestion = {}): Promise<JsonValue> {
    const { status, text, json } = await this.ask(home + path, question);
    if (status >= 300) throw new Error(`${path} is answered with ${status}: ${text}`);
    return json;
  }

  /** Begins a run and waits until it has ended. Returns it as the list of runs has it. */
  async run(path: string, json: unknown = {}): Promise<JsonValue> {
    return this.ended((await this.home(path, { json })).text("run"));
  }

  /** Waits until a run has ended. */
  async ended(id: string): Promise<JsonValue> {
    for (let left = longestInMs; left > 0; left -= 50) {
      const run = await this.home(`/runs/${id}`);
      if (run.at("ended") !== undefined) return run;
      await pause(50);
    }
    throw new Error(`The run ${id} does not end: ${this.#said}`);
  }

  /** Sends a signal, to the whole group as a terminal does if wanted, and waits until the server is gone. Returns how it ended. */
  async stop(signal: NodeJS.Signals, group = false): Promise<number | NodeJS.Signals> {
    if (this.#child.exitCode === null && this.#child.signalCode === null)
      process.kill(group ? -this.pid : this.pid, signal);
    const hung = pause(longestInMs, undefined, { ref: false }).then(() => {
      process.kill(this.pid, "SIGKILL");
      throw new Error(`The server does not end after ${signal}: ${this.#said}`);
    });
    return Promise.race([this.#ended, hung]);
  }

  /** Ends the server and everything that it has started without a chance to tidy up, as when a container dies. */
  async killAll(): Promise<void> {
    // A process that is just being started has no environment for a moment.
    for (let quietRounds = 0; quietRounds < 3; await pause(20)) {
      const pids = processesOf(this.#bench);
      quietRounds = pids.length === 0 ? quietRounds + 1 : 0;
      for (const pid of pids) killIfThere(pid);
    }
    await this.#ended;
  }

  /** Waits until nobody but this server works on the data directory, an earlier server's workers included. */
  async alone(): Promise<void> {
    for (let quietRounds = 0; quietRounds < 3; await pause(20))
      quietRounds = processesOf(this.#bench).length > 1 ? 0 : quietRounds + 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGTERM");
    await this.killAll();
  }

  /** A record of an earlier server names another process. */
  #hasListened(): boolean {
    if (!/ listens at /.test(this.#said)) return false;
    const [path] = globSync(`${this.#bench.dataDir}/server.json`);
    if (path === undefined) return false;
    const record = new JsonValue(JSON.parse(readFileSync(path, "utf8")));
    if (record.at("pid") !== this.pid) return false;
    this.#record = record;
    return true;
  }
}

/** Ids of the processes that work on the data directory of a bench; those that are ending do not count. */
export function processesOf({ dataDir }: Pick<Bench, "dataDir">): number[] {
  const wanted = `SAFEHOUSE_DATA=${dataDir}`;
  return globSync("/proc/[0-9]*")
    .filter((folder) => readIfThere(`${folder}/environ`).split("\0").includes(wanted))
    .map((folder) => Number(folder.slice("/proc/".length)));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return "";
    throw error;
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (!isSystemError(error, "ESRCH")) throw error;
  }
}

function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
