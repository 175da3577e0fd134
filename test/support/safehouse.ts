import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSampleHome } from "./sample-home.ts";
import type { SampleHomeOptions } from "./sample-home.ts";

const launcher = fileURLToPath(new URL("../../bin/safehouse.js", import.meta.url));
const cache = fileURLToPath(new URL("../../.cache", import.meta.url));

/** A command that hangs is ended, and its test fails. */
const longestInMs = 120_000;

/** How a command ended. */
export interface Outcome {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** Milliseconds. */
  readonly took: number;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess & { readonly pid: number };
  readonly ended: Promise<Outcome>;
}

/** A place for one test: a home, a data directory, a location, and the command line to work on them. */
export class Bench implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "safehouse-e2e-"));
  readonly home = join(this.folder, "home");
  readonly dataDir = join(this.folder, "data");
  readonly location = join(this.folder, "backups");
  readonly env: Record<string, string> = {};

  constructor(options: SampleHomeOptions | "no home" = {}) {
    mkdirSync(this.location);
    if (options !== "no home") buildSampleHome(this.home, options);
  }

  /** Starts a command line as it is. */
  startPlain(...args: readonly string[]): Running {
    const env = {
      PATH: process.env["PATH"],
      HOME: this.folder,
      XDG_CACHE_HOME: cache,
      SAFEHOUSE_DATA: this.dataDir,
      ...this.env,
    };
    const limits = { timeout: longestInMs, killSignal: "SIGABRT" } as const;
    const options = { env, cwd: this.folder, ...limits };
    return watch(spawn(process.execPath, [launcher, ...args], options));
  }

  /** Starts a command about the home and the location of this bench. */
  start(...args: readonly string[]): Running {
    this.env["SAFEHOUSE_HOME"] ??= this.home;
    this.env["SAFEHOUSE_LOCATION"] ??= this.location;
    return this.startPlain(...args);
  }

  run(...args: readonly string[]): Promise<Outcome> {
    return this.start(...args).ended;
  }

  /** Runs a command with `--json` that has to succeed; returns its document. */
  async json(...args: readonly string[]): Promise<JsonValue> {
    const outcome = await this.run(...args, "--json");
    if (outcome.code !== 0) throw new Error(`${args.join(" ")} ended with ${describe(outcome)}`);
    return new JsonValue(JSON.parse(outcome.out));
  }

  /** Names of archives in the location. */
  archives(): string[] {
    return readdirSync(this.location).filter((name) => name.endsWith(".tar"));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A part of a JSON document, looked into by name; what is not there is `undefined` all the way. */
export class JsonValue {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  at(...path: readonly (string | number)[]): unknown {
    let value = this.value;
    for (const name of path) {
      if (typeof value !== "object" || value === null) return undefined;
      value = Reflect.get(value, name);
    }
    return value;
  }

  text(...path: readonly (string | number)[]): string {
    const value = this.at(...path);
    if (typeof value !== "string")
      throw new Error(`No text at ${path.join(".")}: ${String(value)}`);
    return value;
  }

  list(...path: readonly (string | number)[]): JsonValue[] {
    const value = this.at(...path);
    if (!Array.isArray(value)) throw new Error(`No list at ${path.join(".")}`);
    return value.map((item: unknown) => new JsonValue(item));
  }
}

/** The document that a command with `--json` has printed, whatever its end was. */
export function documentOf({ out }: Outcome): JsonValue {
  return new JsonValue(JSON.parse(out));
}

export function describe({ code, signal, out, err }: Outcome): string {
  return `${code ?? signal}\n${out}${err}`;
}

function watch(child: ChildProcess): Running {
  const started = performance.now();
  const pieces = { out: [] as Buffer[], err: [] as Buffer[] };
  child.stdout?.on("data", (bytes: Buffer) => pieces.out.push(bytes));
  child.stderr?.on("data", (bytes: Buffer) => pieces.err.push(bytes));
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const out = Buffer.concat(pieces.out).toString();
      const err = Buffer.concat(pieces.err).toString();
      resolve({ code, signal, out, err, took: performance.now() - started });
    });
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("The command did not start");
  return { child: Object.assign(child, { pid }), ended };
}
