import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Bench, describe, JsonValue, type Running } from "#test/safehouse.ts";
import { setUpHome } from "./set-up-home.ts";

/** A home behind a real `safehouse serve`, in a process of its own, with an API token. */
export class ServedHome implements AsyncDisposable {
  readonly bench: Bench;
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  /** May do everything. */
  readonly token: string;
  readonly #running: Running;

  private constructor(
    bench: Bench,
    { url, token }: Pick<ServedHome, "url" | "token">,
    running: Running,
  ) {
    this.bench = bench;
    this.url = url;
    this.token = token;
    this.#running = running;
  }

  /** A home with locations `nas` and `attic`. */
  static async open(): Promise<ServedHome> {
    const bench = new Bench();
    await setUpHome(bench);
    const made = await bench.json("access", "tokens", "new", "client", "--scope", "admin");
    const record = `${bench.dataDir}/server.json`;
    // As it is installed: the server knows only what was set up.
    const running = bench.startPlain("serve", "--port", "0");
    const { child, ended } = running;
    while (!existsSync(record)) {
      if (child.exitCode !== null) throw new Error(describe(await ended));
      await pause(20);
    }
    const url = new JsonValue(JSON.parse(readFileSync(record, "utf8"))).text("url");
    return new ServedHome(bench, { url, token: made.text("token") }, running);
  }

  /** Stops the server; what it has said, where its faults would stand. */
  async stop(): Promise<string> {
    return this.#end("SIGTERM");
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<string> {
    this.#running.child.kill(signal);
    return (await this.#running.ended).err;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.bench[Symbol.dispose]();
  }
}
