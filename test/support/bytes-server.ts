import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import type { TestContext } from "node:test";
import type { LocalServices } from "#app/local-services.ts";
import { bytesApp } from "./bytes-app.ts";

/** A folder for one test, with a data directory and a location, and servers on loopback over them. */
export class BytesServer implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "safehouse-bytes-"));
  readonly location = join(this.folder, "backups");
  readonly incoming = join(this.location, ".safehouse/incoming");
  /** What was answered as a fault of the program, by a server in this process. */
  readonly faults: unknown[] = [];
  readonly #env = { SAFEHOUSE_DATA: join(this.folder, "data"), SAFEHOUSE_LOCATION: this.location };
  readonly #opened = new AsyncDisposableStack();
  #child: (ChildProcess & { readonly pid: number }) | undefined;
  #url = "";
  #services: LocalServices | undefined;

  private constructor() {
    mkdirSync(this.location);
    mkdirSync(this.#env.SAFEHOUSE_DATA);
  }

  /** A server in this process. */
  static async here(context: TestContext): Promise<BytesServer> {
    const bench = new BytesServer();
    context.after(() => bench[Symbol.asyncDispose]());
    const report = (fault: unknown): void => void bench.faults.push(fault);
    const { app, services } = bench.#opened.use(bytesApp(bench.#env, report));
    bench.#services = services;
    const place = { fetch: app.fetch, port: 0, hostname: "127.0.0.1" };
    const server = serve({ ...place, overrideGlobalObjects: false });
    bench.#opened.defer(
      () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          if ("closeAllConnections" in server) server.closeAllConnections();
        }),
    );
    if (!server.listening) await once(server, "listening");
    bench.#url = urlAt(server.address());
    return bench;
  }

  /** A server in a process of its own, which can be killed and started again. */
  static async apart(context: TestContext): Promise<BytesServer> {
    const bench = new BytesServer();
    context.after(() => bench[Symbol.asyncDispose]());
    await bench.start();
    return bench;
  }

  /** Sets another location of the home up; the path of its folder. For a server in this process. */
  async addLocation(id: string): Promise<string> {
    const path = join(this.folder, id);
    const { signal } = new AbortController();
    await using open = await this.#services?.openLocations({});
    await open?.setUp.add({ id, name: undefined, kind: undefined, settings: { path } }, signal);
    return path;
  }

  /** Starts the process, at the port that it had before. */
  async start(): Promise<void> {
    const main = fileURLToPath(new URL("./bytes-server-child.ts", import.meta.url));
    const port = this.#url === "" ? "0" : new URL(this.#url).port;
    const env = { ...process.env, ...this.#env, SAFEHOUSE_PORT: port };
    const child = spawn(process.execPath, [main], { env, stdio: ["ignore", "pipe", "inherit"] });
    const [told] = (await once(child.stdout, "data")) as [Buffer];
    this.#url = urlAt({ port: Number(told.toString()) });
    this.#child = child as ChildProcess & { readonly pid: number };
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** Most bytes that the process has had in memory; 0 while it is not there. */
  peakBytes(): number {
    if (this.#child === undefined) return 0;
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  /** An address about the home. */
  at(path: string): string {
    return `${this.#url}/api/v1/homes/home${path}`;
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(this.at(path), init);
  }

  /** Names of the archives at the location. */
  archives(): string[] {
    return readdirSync(this.location).filter((name) => name.endsWith(".tar"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#opened.disposeAsync();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function urlAt(address: unknown): string {
  return `http://127.0.0.1:${(address as { readonly port: number }).port}`;
}
