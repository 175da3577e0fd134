import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "./server-program.ts";

const run = promisify(execFile);

/** `absent: syncthing`, in the words that a skip needs; false where it is installed. */
export async function absentSyncthing(): Promise<`absent: ${string}` | false> {
  try {
    await run("syncthing", ["--version"]);
    return false;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return "absent: syncthing";
    }
    throw error;
  }
}

/** How a device has the shared folder. */
export interface FolderOptions {
  readonly type?: "sendreceive" | "sendonly" | "receiveonly";
  readonly paused?: boolean;
}

/** One Syncthing with a home of its own; it speaks with nobody but those that it is told of, on this machine. */
export class SyncthingDevice {
  readonly name: string;
  readonly id: string;
  /** The folder that it shares, with the id `backups`. */
  readonly folder: string;
  readonly apiKey: string;
  readonly #home: string;
  readonly #ports: { readonly gui: number; readonly listen: number };
  readonly #tls: boolean;
  #others: readonly SyncthingDevice[] = [];
  #options: FolderOptions = {};
  #child: ChildProcess | undefined;

  private constructor(made: Made) {
    this.name = made.name;
    this.id = made.id;
    this.#home = made.home;
    this.#ports = made.ports;
    this.#tls = made.tls;
    this.folder = join(made.home, `${made.name} 'ü' $x [1]`);
    this.apiKey = `key-of-${made.name}`;
  }

  static async make(name: string, { tls = false } = {}): Promise<SyncthingDevice> {
    const home = await mkdtemp(join(tmpdir(), "safehouse-syncthing-"));
    await run("syncthing", ["generate", `--home=${home}`, "--no-default-folder"]);
    const { stdout } = await run("syncthing", ["--device-id", `--home=${home}`]);
    const ports = { gui: await freePort(), listen: await freePort() };
    const device = new SyncthingDevice({ name, home, ports, tls, id: stdout.trim() });
    await mkdir(join(device.folder, ".stfolder"), { recursive: true });
    return device;
  }

  get apiUrl(): string {
    return `${this.#tls ? "https" : "http"}://127.0.0.1:${this.#ports.gui}`;
  }

  /** The certificate of its interface. */
  certificate(): Promise<string> {
    return readFile(join(this.#home, "https-cert.pem"), "utf8");
  }

  /** Starts it; it shares its folder with the others. Resolves when it answers. */
  async start(others: readonly SyncthingDevice[], options: FolderOptions = {}): Promise<void> {
    this.#others = others;
    this.#options = options;
    await writeFile(join(this.#home, "config.xml"), this.#config());
    this.#child = spawn(
      "syncthing",
      ["serve", `--home=${this.#home}`, "--no-browser", "--no-restart", "--no-upgrade"],
      { stdio: "ignore" },
    );
    for (let look = 0; !(await this.#answers()); look += 1) {
      if (look > 600 || this.#child.exitCode !== null) throw new Error("Syncthing does not start");
      await pause(50);
    }
  }

  /** Ends it at once. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill("SIGKILL");
    await closed;
  }

  async end(): Promise<void> {
    await this.stop();
    await rm(this.#home, { recursive: true, force: true });
  }

  /** Resolves when the file has come here whole; its content. */
  async received(file: string): Promise<string> {
    for (let look = 0; look < 600; look += 1) {
      const found = await readFile(join(this.folder, file), "utf8").catch(() => undefined);
      if (found !== undefined) return found;
      await pause(50);
    }
    throw new Error(`${file} does not come`);
  }

  #answers(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const headers = { "x-api-key": this.apiKey };
    const options = { headers, rejectUnauthorized: false };
    const request = this.#tls ? requestHttps : requestHttp;
    request(`${this.apiUrl}/rest/system/ping`, options, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    })
      .once("error", () => resolve(false))
      .end();
    return promise;
  }

  #config(): string {
    const { gui, listen } = this.#ports;
    const device = (other: SyncthingDevice): string =>
      `<device id="${other.id}" name="${other.name}"><address>tcp://127.0.0.1:${other.#ports.listen}</address></device>`;
    const path = this.folder.replaceAll("'", "&apos;");
    const { type = "sendreceive", paused = false } = this.#options;
    const all = [this, ...this.#others];
    return `<configuration version="36">
      <folder id="backups" label="My backups" path="${path}" type="${type}" rescanIntervalS="3600"
          fsWatcherEnabled="false" autoNormalize="true">
        ${all.map(({ id }) => `<device id="${id}"></device>`).join("")}
        <minDiskFree unit="%">0</minDiskFree><paused>${paused}</paused>
      </folder>
      ${all.map(device).join("\n")}
      <gui enabled="true" tls="${this.#tls}"><address>127.0.0.1:${gui}</address><apikey>${this.apiKey}</apikey></gui>
      <options>
        <listenAddress>tcp://127.0.0.1:${listen}</listenAddress>
        <globalAnnounceEnabled>false</globalAnnounceEnabled>
        <localAnnounceEnabled>false</localAnnounceEnabled>
        <relaysEnabled>false</relaysEnabled>
        <natEnabled>false</natEnabled>
        <reconnectionIntervalS>1</reconnectionIntervalS>
        <startBrowser>false</startBrowser>
        <urAccepted>-1</urAccepted>
        <crashReportingEnabled>false</crashReportingEnabled>
        <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
        <progressUpdateIntervalS>1</progressUpdateIntervalS>
        <stunKeepaliveStartS>0</stunKeepaliveStartS>
      </options>
    </configuration>`;
  }
}

interface Made {
  readonly name: string;
  readonly id: string;
  readonly home: string;
  readonly ports: { readonly gui: number; readonly listen: number };
  readonly tls: boolean;
}
