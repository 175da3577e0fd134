import { existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Bench, describe, JsonValue } from "#test/safehouse.ts";
import { setUpHome } from "./set-up-home.ts";

/** A home behind a real `safehouse serve`, in a process of its own, with an API token. */
export class ServedHome implements AsyncDisposable {
  readonly bench: Bench;
  /** `http://127.0.0.1:40123` */
  readonly url: string;
  /** May do everything. */
  readonly token: string;
  readonly #stop: () => Promise<string>;

  private constructor(bench: Bench, url: string, token: string, stop: () => Promise<string>) {
    this.bench = bench;
    this.url = url;
    this.token = token;
    this.#stop = stop;
  }

  /** A home with locations `nas` and `attic`. */
  static async open(): Promise<ServedHome> {
    const bench = new Bench();
    await setUpHome(bench);
    const made = await bench.json("access", "tokens", "new", "client", "--scope", "admin");
    const record = `${bench.dataDir}/server.json`;
    // As it is installed: the server knows only what was set up.
    const { child, ended } = bench.startPlain("serve", "--port", "0");
    while (!existsSync(record)) {
      if (child.exitCode !== null) throw new Error(describe(await ended));
      await pause(20);
    }
    const url = new JsonValue(JSON.parse(readFileSync(record, "utf8"))).text("url");
    return new ServedHome(bench, url, made.text("token"), async () => {
      child.kill("SIGTERM");
      return (await ended).err;
    });
  }

  /** Stops the server; what it has said, where its faults would stand. */
  async stop(): Promise<string> {
    return this.#stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    this.bench[Symbol.dispose]();
  }
}
